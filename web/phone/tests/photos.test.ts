import { describe, expect, it } from "vitest";
import { exifOf } from "../src/device/photos";

/** A JPEG head with an EXIF block that holds one entry: orientation 6. */
function head(little: boolean): Uint8Array {
  const bytes = new Uint8Array(4 + 2 + 6 + 8 + 2 + 12 + 4 + 2);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xffd8);
  view.setUint16(2, 0xffe1);
  view.setUint16(4, bytes.length - 4 - 2);
  bytes.set([0x45, 0x78, 0x69, 0x66, 0, 0], 6);
  bytes.set(little ? [0x49, 0x49] : [0x4d, 0x4d], 12);
  view.setUint16(14, 42, little);
  view.setUint32(16, 8, little);
  view.setUint16(20, 1, little);
  view.setUint16(22, 0x0112, little);
  view.setUint16(24, 3, little);
  view.setUint32(26, 1, little);
  view.setUint16(30, 6, little);
  view.setUint16(bytes.length - 2, 0xffda);
  return bytes;
}

describe("the camera's own record", () => {
  it.each([true, false])(
    "is carried over with the picture said to be upright (little endian: %s)",
    (little) => {
      const found = exifOf(head(little));
      if (!found) throw new Error("there is none");
      const view = new DataView(found.buffer, found.byteOffset);
      expect(view.getUint16(0)).toBe(0xffe1);
      expect(view.getUint16(28, little)).toBe(1);
    },
  );

  it("is none in what is no JPEG, cut off, or without one", () => {
    expect(exifOf(new Uint8Array([1, 2, 3, 4]))).toBeNull();
    expect(exifOf(head(true).slice(0, 20))).toBeNull();
    expect(exifOf(new Uint8Array([0xff, 0xd8, 0xff, 0xda, 0, 2]))).toBeNull();
    for (let n = 0; n < 500; n += 1) {
      const broken = head(n % 2 === 0);
      broken[Math.floor(Math.random() * broken.length)] = Math.floor(Math.random() * 256);
      exifOf(broken); // whatever it finds, it ends
    }
  });
});
