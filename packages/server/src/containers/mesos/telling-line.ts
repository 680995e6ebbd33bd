/** Lines of Mesos's own executors (glog). */
const chatter = /^[IWEF]\d{4,8} \d\d:\d\d:\d\d/;
/** The end of what Node writes when it crashes. */
const trailer = /^Node\.js v\d+\.\d+\.\d+/;
/** `Error: …`, `TypeError [ERR_X]: …`, `json.decoder.JSONDecodeError: …` */
const errorLine = /^(?:Uncaught )?[\w.]*(?:Error|Exception)(?: \[\w+\])?: \S/;
/** What stands around an error: brackets of its properties, who required whom, where more could be had. */
const around = /^(?:[[\]{}(),;^~]+|Require stack:|- \/.*|\(Use `.*)$/;
const LONGEST = 500;

function shortened(line: string): string {
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

/**
 * The line of a program's last words that says most of why it has ended: after a crash of Node the error, else the last
 * line, where lines that continue others (stack frames, excerpts of code) don't count. Undefined when there is none.
 */
export function tellingLine(text: string): string | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !chatter.test(line));
  const own = lines.filter((line) => !/^\s/.test(line) && !trailer.test(line) && !around.test(line));
  const isCrash = lines.some((line) => trailer.test(line));
  const error = isCrash ? own.findLast((line) => errorLine.test(line)) : undefined;
  const found = error ?? own.at(-1) ?? lines.findLast((line) => !trailer.test(line)) ?? lines.at(-1);
  return found === undefined ? undefined : shortened(found.trim());
}
