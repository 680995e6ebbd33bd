'use strict';
/** Reads a zip file's central directory and its members (stored and deflated; neither encrypted nor Zip64). */
const zlib = require('node:zlib');
const { checkSize, checkCount } = require('./archive-limits.js');

const END = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const UTF8 = 0x800;
const MADE_ON_UNIX = 3;
const TYPE_MASK = 0o170000;
const TYPES = { 0o100000: 'file', 0o040000: 'directory', 0o120000: 'link', 0: undefined };

function readZip(bytes) {
  const { count, offset } = readEnd(bytes);
  checkCount(count);
  const members = [];
  let at = offset;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const member = readCentral(bytes, at);
    total += member.size;
    checkSize(bytes.length, total);
    at = member.next;
    members.push(member);
  }
  return members.map((member) => entryOf(bytes, member));
}

function readEnd(bytes) {
  const lowest = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT_BYTES);
  for (let at = bytes.length - END_BYTES; at >= lowest; at--) {
    if (bytes.readUInt32LE(at) !== END) continue;
    const count = bytes.readUInt16LE(at + 10);
    const offset = bytes.readUInt32LE(at + 16);
    if (count === 0xffff || offset === 0xffffffff)
      throw new Error('it is a Zip64 file, which is not supported.');
    return { count, offset };
  }
  throw new Error('it is a zip file without an end: it may have been cut off.');
}

function readCentral(bytes, at) {
  if (at + CENTRAL_BYTES > bytes.length || bytes.readUInt32LE(at) !== CENTRAL) throw damaged();
  const flags = bytes.readUInt16LE(at + 8);
  const nameBytes = bytes.readUInt16LE(at + 28);
  const nameEnd = at + CENTRAL_BYTES + nameBytes;
  if (nameEnd > bytes.length) throw damaged();
  if ((flags & ENCRYPTED) !== 0) throw new Error('it is encrypted.');
  const unix = bytes[at + 5] === MADE_ON_UNIX ? bytes.readUInt32LE(at + 38) >>> 16 : 0;
  return {
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    packed: bytes.readUInt32LE(at + 20),
    size: bytes.readUInt32LE(at + 24),
    local: bytes.readUInt32LE(at + 42),
    // without the flag the name is in code page 437, which is ASCII for nearly all; zip tools write UTF-8 regardless
    name: bytes.toString(
      (flags & UTF8) !== 0 || isUtf8(bytes, nameEnd - nameBytes, nameEnd) ? 'utf8' : 'latin1',
      nameEnd - nameBytes,
      nameEnd,
    ),
    unix,
    next: nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32),
  };
}

function isUtf8(bytes, start, end) {
  return !bytes.toString('utf8', start, end).includes('\ufffd');
}

function entryOf(bytes, member) {
  const { name, unix } = member;
  const fileType = unix & TYPE_MASK;
  if (!(fileType in TYPES)) throw new Error(`it has a device or a pipe: ${JSON.stringify(name)}.`);
  const type = /[/\\]$/.test(name) ? 'directory' : (TYPES[fileType] ?? 'file');
  const content = () => contentOf(bytes, member);
  const entry = { name, type, mode: (unix & 0o777) | 0o600, content };
  if ((unix & 0o777) === 0) entry.mode = 0o644;
  if (type === 'link') entry.target = content().toString('utf8');
  return entry;
}

function contentOf(bytes, { name, method, local, packed, size, crc }) {
  if (local + LOCAL_BYTES > bytes.length || bytes.readUInt32LE(local) !== LOCAL) throw damaged();
  const start = local + LOCAL_BYTES + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  if (start + packed > bytes.length) throw damaged();
  const raw = bytes.subarray(start, start + packed);
  const content = method === STORED ? raw : inflate(raw, { name, method, size });
  if (content.length !== size) throw new Error(`the size of ${JSON.stringify(name)} isn't what it says.`);
  if (zlib.crc32 !== undefined && zlib.crc32(content) !== crc) {
    throw new Error(`the checksum of ${JSON.stringify(name)} is wrong.`);
  }
  return content;
}

function inflate(raw, { name, method, size }) {
  if (method !== DEFLATED)
    throw new Error(`${JSON.stringify(name)} is compressed by a method that is not supported.`);
  try {
    return zlib.inflateRawSync(raw, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    if (error.code === 'ERR_BUFFER_TOO_LARGE')
      throw new Error(`${JSON.stringify(name)} is larger than it says.`, { cause: error });
    throw new Error(`${JSON.stringify(name)} is damaged: ${error.message}.`, { cause: error });
  }
}

function damaged() {
  return new Error('it is damaged.');
}

module.exports = { readZip };
