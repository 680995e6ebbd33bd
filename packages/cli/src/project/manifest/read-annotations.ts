import type { Fields } from '../source/fields.ts';

type WebMode = 'none' | 'web' | 'raw';

const modes: Readonly<Record<string, WebMode>> = {
  true: 'web',
  yes: 'web',
  raw: 'raw',
  false: 'none',
  no: 'none',
};

/** Members of an action or a sequence that say how it is called from the web. */
export const webKeys = [
  'web',
  'web-export',
  'raw-http',
  'final',
  'require-whisk-auth',
  'web-custom-options',
  'conductor',
  'description',
  'annotations',
];

function modeOf(action: Fields): WebMode | undefined {
  for (const name of ['web', 'web-export']) {
    const written = action.text(name);
    if (written === undefined) continue;
    const mode = Object.hasOwn(modes, written.toLowerCase()) ? modes[written.toLowerCase()] : undefined;
    if (mode !== undefined) return mode;
    action.problem(
      `'${name}' must be true, false, yes, no or raw, and is '${written}'`,
      action.get(name)?.at,
    );
  }
  return undefined;
}

function webAnnotations(mode: WebMode): [string, string][] {
  return [
    ['web-export', String(mode !== 'none')],
    ['raw-http', String(mode === 'raw')],
    ['final', String(mode !== 'none')],
  ];
}

function checkSecret(action: Fields, annotations: ReadonlyMap<string, string>): void {
  const secret = annotations.get('require-whisk-auth');
  if (secret === undefined || secret === 'false') return;
  if (annotations.get('web-export') !== 'true') {
    action.problem("'require-whisk-auth' protects web actions only; add: web: true");
  } else if (!/^(".+"|true|[1-9]\d{0,15})$/s.test(secret) || Number(secret) > Number.MAX_SAFE_INTEGER) {
    action.problem(
      "'require-whisk-auth' must be true, a word, or a positive whole number up to 9007199254740991",
    );
  }
}

/** The annotations of any entity: its own, and its description. */
export function readAnnotations(entity: Fields): Map<string, string> {
  const annotations = entity.json('annotations');
  const description = entity.text('description');
  if (description !== undefined) annotations.set('description', JSON.stringify(description));
  return annotations;
}

/** The annotations of an action or a sequence, with those that its members mean. */
export function readActionAnnotations(action: Fields): Map<string, string> {
  const annotations = readAnnotations(action);
  const mode = modeOf(action);
  const annotated = annotations.get('web-export');
  // The annotation itself, a plain true or false, is taken as it stands.
  const word = annotated?.startsWith('"') ? String(JSON.parse(annotated)).toLowerCase() : '';
  const effective = mode ?? (Object.hasOwn(modes, word) ? modes[word] : undefined);
  for (const [name, value] of effective === undefined ? [] : webAnnotations(effective)) {
    if (name === 'web-export' || !annotations.has(name)) annotations.set(name, value);
  }
  for (const name of ['raw-http', 'final', 'web-custom-options', 'conductor']) {
    const flag = action.flag(name);
    if (flag !== undefined) annotations.set(name, String(flag));
  }
  const secret = action.get('require-whisk-auth');
  const text = action.text('require-whisk-auth');
  if (secret?.type === 'scalar' && text !== undefined) {
    annotations.set('require-whisk-auth', secret.kind === 'string' ? JSON.stringify(text) : text);
  }
  checkSecret(action, annotations);
  return annotations;
}
