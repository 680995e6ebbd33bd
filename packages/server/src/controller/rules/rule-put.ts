import {
  entityNameProblem,
  errorTexts,
  parseQualifiedName,
  type EntityName,
  type Json,
  type JsonObject,
  type RuleStatus,
} from '@vibrissa/protocol';
import { isJsonObject } from '../../http/json-body.ts';
import { malformed } from '../../http/request-error.ts';
import { decodeEntityPut, type EntityPut } from '../entities/entity-put.ts';
import { member } from '../entities/member.ts';

/** The PUT body of a rule, checked; absent members were absent. */
export interface RulePut extends Omit<EntityPut, 'parameters'> {
  readonly trigger?: EntityName;
  readonly action?: EntityName;
}

/** Reads a PUT body; `_` in a name becomes `ownNamespace`. Unknown members are ignored. Throws 400. */
export function decodeRulePut(body: JsonObject, ownNamespace: string): RulePut {
  const trigger = decodeName(body, 'trigger', ownNamespace);
  const action = decodeName(body, 'action', ownNamespace);
  return {
    ...(trigger === undefined ? {} : { trigger }),
    ...(action === undefined ? {} : { action }),
    ...decodeEntityPut(body),
  };
}

/** A name as text, `/ns[/pkg]/name`, or as documents show it, `{path, name}`. */
function textOf(value: Json): string | undefined {
  if (typeof value === 'string') return value;
  if (!isJsonObject(value)) return undefined;
  const [path, name] = [member(value, 'path'), member(value, 'name')];
  if (typeof path !== 'string' || typeof name !== 'string') return undefined;
  const problem = entityNameProblem(name);
  if (problem !== undefined) throw malformed(problem);
  return `/${path}/${name}`;
}

function decodeName(
  body: JsonObject,
  what: 'trigger' | 'action',
  ownNamespace: string,
): EntityName | undefined {
  const value = member(body, what) ?? undefined;
  if (value === undefined) return undefined;
  const text = textOf(value);
  if (text === undefined) {
    throw malformed(`'${what}' must be a name like '/namespace/name' or an object with 'path' and 'name'`);
  }
  const parsed = parseQualifiedName(text, ownNamespace);
  if (!parsed.ok) throw malformed(parsed.problem);
  return parsed.name;
}

/** Reads the body of a change of state. Throws 400. */
export function decodeRuleState(body: JsonObject): RuleStatus {
  const status = member(body, 'status');
  if (status === 'active' || status === 'inactive') return status;
  const shown = typeof status === 'string' ? status : JSON.stringify(status ?? null);
  throw malformed(errorTexts.ruleState(shown));
}
