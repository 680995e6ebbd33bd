// How npm run demo:mesos-ha tells what it does: steps with a number, and below them what was done and seen, for 80 columns.
const WIDTH = 78;
const INDENT = '    ';
/** Texts of a status stand behind their names, and go on below. */
const CONTINUED = /\n {11}(?=\S)/g;

let steps = 0;

/** Which step is being told. */
export function stepNumber() {
  return steps;
}

/** Breaks a text at its spaces; each line but the last ends with `end`. */
function wrapped(text, { indent = '', hanging = indent, end = '' }) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === '') lines[lines.length - 1] = indent + word;
    else if (last.length + 1 + word.length + end.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(hanging + word);
  }
  return lines.join(`${end}\n`);
}

/** The next step: what it shows. */
export function step(text) {
  steps += 1;
  console.log(`\n${wrapped(text, { indent: `${String(steps).padStart(2)}. `, hanging: INDENT })}`);
}

/** What is done or was seen. */
export function said(text) {
  console.log(wrapped(text, { indent: INDENT }));
}

/** A command as it is typed. */
export function typed(command) {
  console.log(wrapped(`$ ${command}`, { indent: INDENT, hanging: INDENT.repeat(2), end: ' \\' }));
}

/** What a command has printed: lines that are too long are broken, tables are left as they are. */
export function printed(output) {
  const lines = output.trimEnd().replaceAll(CONTINUED, ' ').split('\n');
  for (const line of lines) {
    const fits = INDENT.length + line.length <= WIDTH;
    console.log(fits ? `${INDENT}${line}`.trimEnd() : aligned(line));
  }
}

/** A name in columns of its own, and its text beside it. */
function aligned(line) {
  const [name = ''] = /^\S+ {2,}/.exec(line) ?? [];
  const indent = INDENT + name;
  return wrapped(line.slice(name.length), { indent, hanging: ' '.repeat(indent.length) });
}

/** A paragraph that belongs to no step. */
export function told(text) {
  console.log(wrapped(text, {}));
}

/** A span of milliseconds in seconds, with a tenth. */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
