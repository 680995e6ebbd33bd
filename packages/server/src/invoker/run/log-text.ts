/** A longer line is shown as several: 64 KiB. */
const MAX_LINE_BYTES = 64 * 1024;

/** C0 but the tab, DEL, C1: what a terminal takes as commands. */
const controlCharacters = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;

function asEscape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** The text with control characters made visible, so that printing it commands no terminal. */
export function harmless(text: string): string {
  return text.replace(controlCharacters, asEscape);
}

const noticeBeginnings = [
  'Logs were truncated because ',
  'There was an issue while collecting your logs.',
  'The action did not initialize or run as expected.',
];

/** Does a line of the action read like one of the platform's own? */
export function isForgedNotice(text: string): boolean {
  const first = text.charCodeAt(0);
  // T or L: nearly every line is out with one look.
  if (first !== 84 && first !== 76) return false;
  return noticeBeginnings.some((beginning) => text.startsWith(beginning));
}

/** Where to cut a line that is overlong: never within a character. The line's length when it isn't. */
export function cutLine(line: Buffer): number {
  if (line.length <= MAX_LINE_BYTES) return line.length;
  let cut = MAX_LINE_BYTES;
  while (cut > MAX_LINE_BYTES - 4 && ((line[cut] as number) & 0xc0) === 0x80) cut -= 1;
  return cut;
}
