/**
 * Photos made small enough for a bad network: at most 400 kB, upright, with the camera's own
 * record of time and place (EXIF) carried over, for it corroborates the report. What an older
 * browser cannot make smaller goes as it is.
 */
import { lacking } from "@gridwhistle/common/lacking";

const MOST_BYTES = 400_000;
/** What goes as it is may be so large: what the server takes. */
const MOST_AS_IS = 10_000_000;
const SIDES = [1600, 1280, 1024, 800];
const QUALITIES = [0.82, 0.7, 0.58, 0.46];

/** The file is no photo that this phone can read. */
export class Unreadable extends Error {}

/** A picture as this browser has read it. */
interface Opened {
  image: ImageBitmap | HTMLImageElement;
  width: number;
  height: number;
  close: () => void;
}
type Way = (file: Blob) => Promise<Opened>;

export async function reduced(file: Blob): Promise<Blob> {
  const original = new Uint8Array(await file.arrayBuffer());
  for (const way of WAYS) {
    const opened = await way(file).catch(() => null);
    const small = opened && (await smaller(opened, await recordOf(original, way)));
    if (small) return small;
  }
  if (isWholeJpeg(original) && original.length <= MOST_AS_IS) return file;
  throw new Unreadable();
}

/** How browsers read pictures, the best first; the options of the first are not of every age. */
const WAYS: Way[] = [byBitmap, byImage];

async function byBitmap(file: Blob): Promise<Opened> {
  const open = lacking.createImageBitmap;
  if (!open) throw new Unreadable();
  const image = await open(file);
  return { image, width: image.width, height: image.height, close: () => image.close() };
}

async function byImage(file: Blob): Promise<Opened> {
  const url = URL.createObjectURL(file);
  const close = () => URL.revokeObjectURL(url);
  const image = new Image();
  try {
    await new Promise((done, failed) => {
      image.onload = done;
      image.onerror = failed;
      image.src = url;
    });
  } catch (error) {
    close();
    throw error;
  }
  return { image, width: image.naturalWidth, height: image.naturalHeight, close };
}

/** Two pixels side by side that lie one above the other once they are turned by their EXIF. */
const LYING =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAFA3PEY8MlBG" +
  "QUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////////////////////////wAALCAABAAIBAREA" +
  "/8QAFAABAAAAAAAAAAAAAAAAAAAABP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AE//Z";

/** Whether a way turns pictures upright by their EXIF: older browsers leave them as they lie. */
async function turns(way: Way): Promise<boolean> {
  const bytes = Uint8Array.from(atob(LYING), (each) => each.charCodeAt(0));
  const opened = await way(new Blob([bytes], { type: "image/jpeg" }));
  opened.close();
  return opened.width < opened.height;
}

/** The camera's record; it says how the picture lies only where the browser did not turn it. */
async function recordOf(original: Uint8Array, way: Way): Promise<Uint8Array | null> {
  return exifOf(original, await turns(way).catch(() => true));
}

/** The picture in the first size that is small enough; none where the browser has no room. */
async function smaller(opened: Opened, exif: Uint8Array | null): Promise<Blob | null> {
  try {
    for (const side of SIDES) {
      for (const quality of QUALITIES) {
        const made = await drawn(opened, side, quality);
        const whole = exif ? withExif(made, exif) : made;
        if (whole.length <= MOST_BYTES)
          return new Blob([whole as BlobPart], { type: "image/jpeg" });
      }
    }
    return null;
  } catch {
    return null;
  } finally {
    opened.close();
  }
}

async function drawn(opened: Opened, side: number, quality: number): Promise<Uint8Array> {
  const scale = Math.min(1, side / Math.max(opened.width, opened.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(opened.width * scale));
  canvas.height = Math.max(1, Math.round(opened.height * scale));
  const context = canvas.getContext("2d");
  if (!context) throw new Unreadable();
  context.drawImage(opened.image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) =>
    canvas.toBlob(done, "image/jpeg", quality),
  );
  if (!blob) throw new Unreadable();
  return new Uint8Array(await blob.arrayBuffer());
}

/** Whether a file begins and ends as a JPEG does: one that was cut short is none. */
export function isWholeJpeg(bytes: Uint8Array): boolean {
  const n = bytes.length;
  const begins = bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
  return begins && bytes[n - 2] === 0xff && bytes[n - 1] === 0xd9;
}

/**
 * Return the EXIF segment of a JPEG (APP1, marker included); of one that was turned upright, with
 * its orientation set so.
 */
export function exifOf(bytes: Uint8Array, turned = true): Uint8Array | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isJpeg(view)) return null;
  let at = 2;
  while (at + 4 <= bytes.length && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xda) return null;
    const length = view.getUint16(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) return null;
    if (isExif(bytes, at, length)) return asTurned(bytes.slice(at, end), turned);
    at = end;
  }
  return null;
}

function isJpeg(view: DataView): boolean {
  return view.byteLength >= 4 && view.getUint16(0) === 0xffd8;
}

function isExif(bytes: Uint8Array, at: number, length: number): boolean {
  return bytes[at + 1] === 0xe1 && length > 16 && ascii(bytes, at + 4, 6) === "Exif\0\0";
}

function asTurned(segment: Uint8Array, turned: boolean): Uint8Array | null {
  return turned ? upright(segment) : segment;
}

function upright(segment: Uint8Array): Uint8Array | null {
  const tiff = 10;
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  const order = ascii(segment, tiff, 2);
  if (order !== "II" && order !== "MM") return null;
  const little = order === "II";
  const first = tiff + view.getUint32(tiff + 4, little);
  if (first + 2 > segment.length) return null;
  const count = view.getUint16(first, little);
  for (let n = 0; n < count; n += 1) {
    const entry = first + 2 + 12 * n;
    if (entry + 12 > segment.length) return null;
    if (view.getUint16(entry, little) === 0x0112) view.setUint16(entry + 8, 1, little);
  }
  return segment;
}

function withExif(jpeg: Uint8Array, exif: Uint8Array): Uint8Array {
  const whole = new Uint8Array(jpeg.length + exif.length);
  whole.set(jpeg.subarray(0, 2));
  whole.set(exif, 2);
  whole.set(jpeg.subarray(2), 2 + exif.length);
  return whole;
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
