/** Writes tar archives (POSIX ustar) that are equal when their files are. */
import type { AgentFile } from './agent-files.ts';

const BLOCK = 512;
/** 1980: GNU tar warns of what is older than 1970's first second. */
const TIME = 315_532_800;

const padding = (length: number) => Buffer.alloc((BLOCK - (length % BLOCK)) % BLOCK);

function header({ path, content, executable }: AgentFile): Buffer {
  const block = Buffer.alloc(BLOCK);
  const name = Buffer.from(path);
  if (name.length > 100) throw new Error(`${path} is too long a name for the archive`);
  const octal = (value: number, at: number, digits: number) =>
    block.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  name.copy(block);
  octal(executable ? 0o755 : 0o644, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(content.length, 124, 11);
  octal(TIME, 136, 11);
  block.write('        0', 148, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  return block;
}

/** Their directories are made by whatever unpacks it. */
export function writeTar(files: readonly AgentFile[]): Buffer {
  const entries = files.flatMap((file) => [header(file), file.content, padding(file.content.length)]);
  return Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]);
}
