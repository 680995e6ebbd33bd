import { holdAddress } from './hold-address.ts';

/** Shows that a block is taken; whatever becomes of who took it, the system gives that back. */
const SIGN_PORT = 7_000;
/** 127.64.0.x to 127.127.255.x. */
const BLOCKS = 64 * 256;

/** Addresses of this machine's loopback that nobody else who takes them here has at the same time. */
export interface OwnLoopback {
  /** `number`: from 1 to 254. */
  host(number: number): string;
  close(): Promise<void>;
}

/**
 * Takes a block of addresses, for servers whose ports must be known before they listen, or listened at again. A port that
 * was found free is given to the next one who asks for any; a port below those that the system deals out, at an address of
 * one's own, is not.
 */
export async function takeOwnLoopback(): Promise<OwnLoopback> {
  for (let turn = 0; turn < BLOCKS; turn += 1) {
    const block = (process.pid * 31 + turn) % BLOCKS;
    const host = (number: number) => `127.${64 + (block >> 8)}.${block & 255}.${number}`;
    const sign = await holdAddress(host(255), SIGN_PORT);
    if (sign) return { host, close: () => new Promise((done) => void sign.close(() => done())) };
  }
  throw new Error('All blocks of loopback addresses are taken, or this system has none but 127.0.0.1.');
}
