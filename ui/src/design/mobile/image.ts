/**
 * Makes a photo fit to send: drawn anew, so that place and camera (EXIF) are gone, at most
 * 1600 px on the long side and at most `limit` bytes.
 */
export async function shrink(file: Blob, limit = 300_000): Promise<Blob> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  let side = 1600;
  try {
    for (;;) {
      const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
      const c = document.createElement('canvas');
      c.width = Math.max(1, Math.round(bitmap.width * scale));
      c.height = Math.max(1, Math.round(bitmap.height * scale));
      c.getContext('2d')?.drawImage(bitmap, 0, 0, c.width, c.height);
      for (const quality of [0.85, 0.7, 0.55]) {
        const blob = await new Promise<Blob | null>((done) => c.toBlob(done, 'image/jpeg', quality));
        if (blob && (blob.size <= limit || (side <= 400 && quality < 0.6))) return blob;
      }
      side = Math.round(side * 0.7);
    }
  } finally {
    bitmap.close();
  }
}
