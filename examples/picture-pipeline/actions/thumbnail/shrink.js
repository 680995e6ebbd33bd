/** A picture whose longer side has at most `size` pixels; each is the average of those that it stands for. */
export function shrink(picture, size) {
  const scale = Math.min(1, size / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const pixels = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const box = {
        left: Math.floor((x * picture.width) / width),
        right: Math.ceil(((x + 1) * picture.width) / width),
        top: Math.floor((y * picture.height) / height),
        bottom: Math.ceil(((y + 1) * picture.height) / height),
      };
      pixels.set(averageOf(picture, box), (y * width + x) * 4);
    }
  }
  return { width, height, pixels };
}

function averageOf({ width, pixels }, { left, right, top, bottom }) {
  const sums = [0, 0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      for (let i = 0; i < 4; i++) sums[i] += pixels[(y * width + x) * 4 + i];
    }
  }
  return sums.map((sum) => Math.round(sum / ((right - left) * (bottom - top))));
}
