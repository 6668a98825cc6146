/**
 * Photos made small enough for a bad network: at most 400 kB, upright, with the camera's own
 * record
 * of time and place (EXIF) carried over, for it corroborates the report.
 */
const MOST_BYTES = 400_000;
const SIDES = [1600, 1280, 1024, 800];
const QUALITIES = [0.82, 0.7, 0.58, 0.46];

/** The file is no photo that this phone can read. */
export class Unreadable extends Error {}

export async function reduced(file: Blob): Promise<Blob> {
  const original = new Uint8Array(await file.arrayBuffer());
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Unreadable();
  }
  try {
    const exif = exifOf(original);
    for (const side of SIDES) {
      for (const quality of QUALITIES) {
        const made = await drawn(bitmap, side, quality);
        const whole = exif ? withExif(made, exif) : made;
        if (whole.length <= MOST_BYTES)
          return new Blob([whole as BlobPart], { type: "image/jpeg" });
      }
    }
    throw new Unreadable();
  } finally {
    bitmap.close();
  }
}

async function drawn(bitmap: ImageBitmap, side: number, quality: number): Promise<Uint8Array> {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (!context) throw new Unreadable();
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) =>
    canvas.toBlob(done, "image/jpeg", quality),
  );
  if (!blob) throw new Unreadable();
  return new Uint8Array(await blob.arrayBuffer());
}

/**
 * Return the EXIF segment of a JPEG (APP1, marker included) with its orientation set to upright.
 */
export function exifOf(bytes: Uint8Array): Uint8Array | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isJpeg(view)) return null;
  let at = 2;
  while (at + 4 <= bytes.length && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xda) return null;
    const length = view.getUint16(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) return null;
    if (marker === 0xe1 && isExif(bytes, at, length)) return upright(bytes.slice(at, end));
    at = end;
  }
  return null;
}

function isJpeg(view: DataView): boolean {
  return view.byteLength >= 4 && view.getUint16(0) === 0xffd8;
}

function isExif(bytes: Uint8Array, at: number, length: number): boolean {
  return length > 16 && ascii(bytes, at + 4, 6) === "Exif\0\0";
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
