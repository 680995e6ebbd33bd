'use strict';
/**
 * Decides whether the entries of an archive may be written: pure, over the whole plan.
 *
 * An entry is `{ name, type: 'file' | 'directory' | 'link', mode, target?, content() }`.
 */
const { checkCount, MAX_NAME_BYTES } = require('./archive-limits.js');

const MAX_LINK_STEPS = 40;
const DRIVE = /^[A-Za-z]:/;

/** Answers the entries with their names normalised. Throws at the first that is unsafe. */
function checkEntries(entries) {
  checkCount(entries.length);
  const checked = entries.map(withSafeName).filter((entry) => entry.name !== '');
  const byName = new Map(checked.map((entry) => [entry.name, entry]));
  if (byName.size !== checked.length) refuseDoubles(checked, byName);
  const links = new Map(checked.filter((e) => e.type === 'link').map((e) => [e.name, e.target]));
  for (const entry of checked) {
    refuseParents(entry, byName);
    if (entry.type === 'link') refuseEscape(entry, links);
  }
  return checked;
}

function withSafeName(entry) {
  return { ...entry, name: segmentsOf(entry.name, entry.name).join('/') };
}

/** `a/./b//c` as `[a, b, c]`; throws where a path leaves the archive. */
function segmentsOf(name, shown) {
  // archives made on Windows have backslashes
  const portable = name.replaceAll('\\', '/');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw new Error('it has a name that is too long.');
  if (name.includes('\0')) throw new Error('it has a name with a NUL character.');
  if (portable.startsWith('/') || DRIVE.test(portable)) {
    throw new Error(`it has an absolute path: ${JSON.stringify(shown)}.`);
  }
  const segments = portable.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..'))
    throw new Error(`it has a path that leads out of it: ${JSON.stringify(shown)}.`);
  return segments;
}

/** A directory may be named again, and of two files the later one counts, as unpackers do; a link has one meaning. */
function refuseDoubles(checked, byName) {
  for (const entry of checked) {
    const other = byName.get(entry.name);
    if (other.type !== entry.type || (other !== entry && entry.type === 'link')) {
      throw new Error(`it has two meanings for ${JSON.stringify(entry.name)}.`);
    }
  }
}

function refuseParents(entry, byName) {
  for (let at = entry.name.lastIndexOf('/'); at !== -1; at = entry.name.lastIndexOf('/', at - 1)) {
    const parent = byName.get(entry.name.slice(0, at));
    if (parent !== undefined && parent.type !== 'directory') {
      throw new Error(`it has an entry below the ${parent.type} ${JSON.stringify(parent.name)}.`);
    }
  }
}

/** Follows a link through the other links, as the kernel would. */
function refuseEscape(entry, links) {
  const outside = () =>
    new Error(
      `it has a link out of it: ${JSON.stringify(`${entry.name} -> ${entry.target}`)}. ` +
        'Pack what it leads to: `npm install --install-links`, and `zip -r` without `-y`.',
    );
  const reached = entry.name.split('/').slice(0, -1);
  let rest = targetSegments(entry.target, outside);
  let steps = 0;
  while (rest.length > 0) {
    const segment = rest.shift();
    if (segment === '..') {
      if (reached.pop() === undefined) throw outside();
      continue;
    }
    reached.push(segment);
    const target = links.get(reached.join('/'));
    if (target === undefined) continue;
    if (++steps > MAX_LINK_STEPS) throw new Error(`it has links in a circle: ${JSON.stringify(entry.name)}.`);
    reached.pop();
    rest = [...targetSegments(target, outside), ...rest];
  }
}

function targetSegments(target, outside) {
  if (target === '' || target.includes('\0') || target.startsWith('/')) throw outside();
  return target.split('/').filter((segment) => segment !== '' && segment !== '.');
}

module.exports = { checkEntries };
