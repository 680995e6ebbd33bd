/** Builds zip and tar files, also such as no decent tool would. */
import { crc32 } from './crc32.ts';
import { deflateRawSync, gzipSync } from 'node:zlib';

export interface Member {
  readonly name: string;
  readonly content?: string | Buffer;
  /** Unix mode with its type; a regular file of 0644 unless given. */
  readonly mode?: number;
  readonly stored?: boolean;
  /** What the headers claim, where it isn't the truth. */
  readonly claimedSize?: number;
  readonly encrypted?: boolean;
  /** Tar: type flag and link target. */
  readonly type?: string;
  readonly target?: string;
}

export const LINK = 0o120777;
const FILE = 0o100644;

export function zip(members: readonly Member[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const name = Buffer.from(member.name);
    const content = Buffer.from(member.content ?? '');
    const data = member.stored ? content : deflateRawSync(content);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(member.encrypted ? 0x801 : 0x800, 2);
    fields.writeUInt16LE(member.stored ? 0 : 8, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(member.claimedSize ?? content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    locals.push(signature(0x04034b50), fields, name, data);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((member.mode ?? FILE) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    centrals.push(signature(0x02014b50), Buffer.from([20, 3]), fields, rest, name);
    offset += 30 + name.length + data.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, signature(0x06054b50), end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function tarGz(members: readonly Member[]): Buffer {
  return gzipSync(tar(members));
}

export function tar(members: readonly Member[]): Buffer {
  return Buffer.concat([...members.map(tarMember), Buffer.alloc(1024)]);
}

function tarMember(member: Member): Buffer {
  const content = Buffer.from(member.content ?? '');
  const header = Buffer.alloc(512);
  header.write(member.name, 0, 100);
  header.write(`${((member.mode ?? FILE) & 0o777).toString(8).padStart(7, '0')}\0`, 100);
  header.write(`${(member.claimedSize ?? content.length).toString(8).padStart(11, '0')}\0`, 124);
  header.write(member.type ?? '0', 156);
  header.write(member.target ?? '', 157, 100);
  header.write('ustar\0' + '00', 257);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
