'use strict';
/** Reads tar files (ustar, GNU long names, pax headers), gzipped or plain. */
const zlib = require('node:zlib');
const { checkSize, checkCount, unpackedLimit } = require('./archive-limits.js');

const BLOCK = 512;
const TYPES = { 0: 'file', '\0': 'file', 7: 'file', 5: 'directory', 2: 'link', 1: 'hardlink' };
/** Headers that say more about the next entry, or about all (`g`). */
const LONG_NAME = 'L';
const LONG_TARGET = 'K';
const PAX = 'x';
const PAX_GLOBAL = 'g';

function readTarGz(bytes) {
  let unpacked;
  try {
    unpacked = zlib.gunzipSync(bytes, { maxOutputLength: unpackedLimit(bytes.length) });
  } catch (error) {
    if (error.code === 'ERR_BUFFER_TOO_LARGE')
      throw new Error('it unpacks to more than is allowed.', { cause: error });
    throw new Error(`it is damaged: ${error.message}.`, { cause: error });
  }
  checkSize(bytes.length, unpacked.length);
  return readTar(unpacked);
}

function readTar(bytes) {
  const entries = [];
  let more = {};
  let at = 0;
  while (at + BLOCK <= bytes.length && bytes[at] !== 0) {
    const header = readHeader(bytes, at);
    const size = more.size ?? header.size;
    const start = at + BLOCK;
    if (start + size > bytes.length) throw new Error('it is cut off.');
    const content = bytes.subarray(start, start + size);
    at = start + Math.ceil(size / BLOCK) * BLOCK;
    if (header.type === PAX_GLOBAL) continue;
    const extension = extensionOf(header.type, content);
    if (extension === undefined) entries.push(entryOf({ ...header, ...more }, content));
    more = extension === undefined ? {} : { ...more, ...extension };
    checkCount(entries.length);
  }
  if (at === 0) throw new Error('it is neither a zip nor a tar.gz file.');
  return resolveHardLinks(entries);
}

function readHeader(bytes, at) {
  const text = (from, length) => {
    const end = bytes.indexOf(0, at + from);
    return bytes.toString('utf8', at + from, Math.min(end === -1 ? bytes.length : end, at + from + length));
  };
  const stated = octal(text(148, 8));
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : bytes[at + i];
  if (sum !== stated) throw new Error('it is damaged.');
  const prefix = text(257, 5) === 'ustar' && bytes[at + 262] === 0 ? text(345, 155) : '';
  const name = text(0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: octal(text(100, 8)),
    size: sizeField(bytes, at + 124),
    type: String.fromCharCode(bytes[at + 156]),
    target: text(157, 100),
  };
}

/** GNU writes sizes that don't fit into octal digits in base 256; none of those is within limits. */
function sizeField(bytes, at) {
  if ((bytes[at] & 0x80) !== 0) throw new Error('it has an entry that is too large.');
  return octal(bytes.toString('latin1', at, at + 12).replace(/[\0 ].*$/s, ''));
}

function octal(text) {
  const digits = text.trim();
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw new Error('it is damaged.');
  return Number.parseInt(digits, 8);
}

function extensionOf(type, content) {
  if (type === LONG_NAME) return { name: untilNul(content) };
  if (type === LONG_TARGET) return { target: untilNul(content) };
  return type === PAX ? paxRecords(content) : undefined;
}

function untilNul(content) {
  const end = content.indexOf(0);
  return content.toString('utf8', 0, end === -1 ? content.length : end);
}

/** Records `<length> <key>=<value>\n`; of these, names and sizes matter. */
function paxRecords(content) {
  const found = {};
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.toString('latin1', at, Math.max(space, at)));
    if (space === -1 || !Number.isInteger(length) || length <= space - at || at + length > content.length) {
      throw new Error('it is damaged.');
    }
    const [key, ...rest] = content.toString('utf8', space + 1, at + length - 1).split('=');
    const value = rest.join('=');
    if (key === 'path') found.name = value;
    if (key === 'linkpath') found.target = value;
    if (key === 'size') found.size = paxSize(value);
    at += length;
  }
  return found;
}

function paxSize(value) {
  if (!/^\d{1,12}$/.test(value)) throw new Error('it is damaged.');
  return Number(value);
}

function entryOf({ name, type, mode, target }, content) {
  const kind = TYPES[type];
  if (kind === undefined) throw new Error(`it has a device or a pipe: ${JSON.stringify(name)}.`);
  const isDirectory = kind === 'file' && name.endsWith('/');
  return {
    name,
    type: isDirectory ? 'directory' : kind,
    mode: (mode & 0o777) | 0o600,
    target,
    content: () => content,
  };
}

/** A hard link becomes a copy of the file before it; it can name nothing outside the archive. */
function resolveHardLinks(entries) {
  const files = new Map();
  return entries.map((entry) => {
    if (entry.type === 'file') files.set(entry.name, entry);
    if (entry.type !== 'hardlink') return entry;
    const original = files.get(entry.target);
    if (original === undefined) {
      throw new Error(`it has a link out of it: ${JSON.stringify(`${entry.name} -> ${entry.target}`)}.`);
    }
    return { ...original, name: entry.name };
  });
}

module.exports = { readTarGz, readTar };
