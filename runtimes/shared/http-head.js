'use strict';
/**
 * Reads the head of an HTTP/1.1 request from bytes. Strict, because a lenient reader and a lenient writer in front of it
 * disagree about where requests end: no bare CR or LF, no folded lines, no repeated or odd Content-Length, no
 * Transfer-Encoding.
 */

const unbind = Function.prototype.bind.bind(Function.prototype.call);
const latin1Slice = unbind(Buffer.prototype.latin1Slice);
const toLowerCase = unbind(String.prototype.toLowerCase);

const charCodeAt = unbind(String.prototype.charCodeAt);

const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const ZERO = 0x30;
const CR = 0x0d;
const LF = 0x0a;
const VERSION = ' HTTP/1.1';
const MAX_DIGITS = 10;
/** Of the sentinel's and of the access token, and of the nonce. */
const MAX_TOKEN_BYTES = 256;

const isToken = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  isToken[character.charCodeAt(0)] = 1;
}
const isText = new Uint8Array(256).fill(1, SPACE).fill(1, TAB, TAB + 1);
isText[0x7f] = 0;

/**
 * `end` is the index after the last header's CRLF. Answers undefined when the head is malformed.
 */
function parseHead(bytes, end) {
  const head = {
    route: '',
    contentLength: 0,
    sentinel: undefined,
    token: undefined,
    nonce: undefined,
    close: false,
    expectsContinue: false,
  };
  let at = readRequestLine(bytes, end, head);
  const seen = { contentLength: false, sentinel: false, token: false, nonce: false };
  while (at !== -1 && at < end) at = readHeader(bytes, at, { end, head, seen });
  return at === -1 ? undefined : head;
}

/** Index after the line, or -1. */
function readRequestLine(bytes, end, head) {
  let at = 0;
  while (isToken[bytes[at]] === 1) at++;
  const methodEnd = at;
  if (methodEnd === 0 || bytes[at] !== SPACE) return -1;
  const pathStart = ++at;
  while (bytes[at] > SPACE && bytes[at] < 0x7f) at++;
  const pathEnd = at;
  const lineEnd = pathEnd + VERSION.length;
  if (pathEnd === pathStart || lineEnd + 2 > end) return -1;
  if (latin1Slice(bytes, pathEnd, lineEnd) !== VERSION) return -1;
  if (bytes[lineEnd] !== CR || bytes[lineEnd + 1] !== LF) return -1;
  if (latin1Slice(bytes, 0, methodEnd) === 'POST') head.route = latin1Slice(bytes, pathStart, pathEnd);
  return lineEnd + 2;
}

/** Index after the header's line, or -1. */
function readHeader(bytes, start, context) {
  let at = start;
  while (isToken[bytes[at]] === 1) at++;
  const nameEnd = at;
  if (nameEnd === start || bytes[at] !== COLON) return -1;
  at++;
  while (bytes[at] === SPACE || bytes[at] === TAB) at++;
  const valueStart = at;
  while (isText[bytes[at]] === 1) at++;
  if (at + 1 >= context.end || bytes[at] !== CR || bytes[at + 1] !== LF) return -1;
  let valueEnd = at;
  while (valueEnd > valueStart && (bytes[valueEnd - 1] === SPACE || bytes[valueEnd - 1] === TAB)) valueEnd--;
  const name = nameOfInterest(bytes, start, nameEnd);
  if (name !== '' && !takeHeader(context, name, latin1Slice(bytes, valueStart, valueEnd))) return -1;
  return at + 2;
}

/** Only names as long as one that matters become strings. */
function nameOfInterest(bytes, start, end) {
  const length = end - start;
  switch (length) {
    case 6:
    case 10:
    case 14:
    case 16:
    case 17:
    case 19:
      break;
    default:
      return '';
  }
  return toLowerCase(latin1Slice(bytes, start, end));
}

function takeHeader({ head, seen }, name, value) {
  switch (name) {
    case 'content-length': {
      if (seen.contentLength) return false;
      seen.contentLength = true;
      head.contentLength = decimal(value);
      return head.contentLength !== -1;
    }
    case 'x-vibrissa-sentinel':
      if (seen.sentinel) return false;
      seen.sentinel = true;
      head.sentinel = value;
      return value.length > 0 && value.length <= MAX_TOKEN_BYTES;
    case 'x-vibrissa-token':
      if (seen.token) return false;
      seen.token = true;
      head.token = value;
      return value.length <= MAX_TOKEN_BYTES;
    case 'x-vibrissa-nonce':
      if (seen.nonce) return false;
      seen.nonce = true;
      head.nonce = value;
      return value.length <= MAX_TOKEN_BYTES;
    case 'transfer-encoding':
      return false;
    case 'connection':
      if (toLowerCase(value) === 'close') head.close = true;
      return true;
    case 'expect':
      head.expectsContinue = toLowerCase(value) === '100-continue';
      return head.expectsContinue;
    default:
      return true;
  }
}

/** The number that a string of digits spells, or -1. */
function decimal(text) {
  if (text.length === 0 || text.length > MAX_DIGITS) return -1;
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = charCodeAt(text, i) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

module.exports = { parseHead };
