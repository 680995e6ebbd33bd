import type { Command as Program } from 'commander';

import { suggest } from '../config/suggest.ts';

/** As the parser's help shows them: it adds flags of its own. */
function knownTo(program: Program, sort: string): string[] {
  const help = program.createHelp();
  return sort === 'option'
    ? help.visibleOptions(program).flatMap(({ long }) => long ?? [])
    : help.visibleCommands(program).map((command) => command.name());
}

/** The parser's complaint of a flag or a command that is not there, and below it the one that was probably meant. */
export function withMeant(complaint: string, program: Program): string {
  const [, sort, typed] = /unknown (option|command) '([^']+)'/.exec(complaint) ?? [];
  if (sort === undefined || typed === undefined) return complaint;
  const nearest = suggest(typed.replace(/=.*$/s, ''), knownTo(program, sort));
  return nearest === undefined ? complaint : `${complaint}(Did you mean ${nearest}?)\n`;
}
