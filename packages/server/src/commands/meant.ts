import { suggest } from '../config/suggest.ts';
import { longFlag, type Command } from './command.ts';

function knownTo({ commands = [], options = [] }: Command, sort: string): string[] {
  return sort === 'option' ? [...options.map(longFlag), '--help'] : commands.map(({ name }) => name);
}

/** The parser's complaint of a flag or a command that is not there, and below it the one that was probably meant. */
export function withMeant(complaint: string, command: Command): string {
  const [, sort, typed] = /unknown (option|command) '([^']+)'/.exec(complaint) ?? [];
  if (sort === undefined || typed === undefined) return complaint;
  const nearest = suggest(typed.replace(/=.*$/s, ''), knownTo(command, sort));
  return nearest === undefined ? complaint : `${complaint}(Did you mean ${nearest}?)\n`;
}
