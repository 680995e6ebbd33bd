const spelled = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss' };

/** Lower case, Latin letters and digits, words joined by hyphens. */
export function slugOf(title) {
  return title
    .toLowerCase()
    .replace(/[äöüß]/g, (letter) => spelled[letter])
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
