/** How many bytes of a character begun by this byte; 0 for one that begins none. */
function lengthOfCharacter(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

function continues(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** How many bytes at the end (0 to 3) are the beginning of a character of UTF-8 that goes on behind them. */
export function cutCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (continues(byte)) continue;
    return lengthOfCharacter(byte) > back ? back : 0;
  }
  return 0;
}

/** How many bytes at the beginning (0 to 3) are the end of a character that began before them. */
export function restOfCharacter(bytes: Uint8Array): number {
  let rest = 0;
  while (rest < 3 && rest < bytes.length && continues(bytes[rest] ?? 0)) rest += 1;
  return rest;
}
