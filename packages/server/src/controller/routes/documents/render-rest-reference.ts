import { defaultSystemLimits, readManifest } from '@vibrissa/protocol';
import { definitions } from '@vibrissa/protocol/schemas';
import { describeRoutes, type DescribedRoute } from './describe-paths.ts';
import { allResponses } from './openapi.ts';
import { registerRoutes, type RouteDeps } from '../register-routes.ts';
import type { ResponseDescription } from '../../../http/operation.ts';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly $ref?: string;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: { readonly [name: string]: Schema };
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const lines = [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`);
  return `\n${lines.join('\n')}\n`;
}

function linkTo(definition: string): string {
  return `[${definition}](#${definition.toLowerCase()})`;
}

/** The operations of all routes. Nothing is called of what routes stand on, beyond the limits and runtimes that they name. */
function operations(): DescribedRoute[] {
  const read = readManifest({ runtimes: {}, blackboxes: [] });
  if (!read.ok) throw new Error(`The manifest without runtimes is wrong: ${read.problems.join('; ')}`);
  const deps = {
    limits: defaultSystemLimits,
    runtimes: read.runtimes,
    build: { build: '', buildno: '' },
  };
  return describeRoutes(registerRoutes(deps as RouteDeps, ['api', 'monitoring']), '');
}

function bodyText({ body, text }: ResponseDescription): string {
  if (text === true) return 'text';
  if (body === undefined) return '';
  return 'definition' in body ? linkTo(body.definition) : `list of ${linkTo(body.listOf)}`;
}

function section(route: DescribedRoute): string {
  const { verb, path, pathParameters, operation, authenticated } = route;
  const parameters = [
    ...pathParameters.map(({ name, description }) => [`\`${name}\``, 'path', 'string', description]),
    ...Object.entries(operation.query ?? {}).map(([name, { type, description, ...bounds }]) => {
      const { default: preset, maximum } = bounds;
      const facts = [
        preset === undefined ? '' : `default ${preset}`,
        maximum === undefined ? '' : `at most ${maximum}`,
      ];
      return [`\`${name}\``, 'query', type, [description, ...facts.filter((fact) => fact !== '')].join('; ')];
    }),
  ];
  const { body } = operation;
  const sent =
    body && `\nBody${body.required ? '' : ', if any'}: ${linkTo(body.definition)}. ${body.description}.\n`;
  const statuses = Object.entries(allResponses(route)).map(([status, response]) => [
    status,
    response.description,
    bodyText(response),
  ]);
  return `### ${verb.toUpperCase()} \`${path}\`

${operation.summary}.${authenticated ? '' : ' Without a key.'}
${table(['parameter', 'in', 'type', 'meaning'], parameters)}${sent ?? ''}${table(['status', 'meaning', 'body'], statuses)}`;
}

function typeOf({ type, $ref, items }: Schema): string {
  if ($ref !== undefined) return linkTo($ref.slice($ref.lastIndexOf('/') + 1));
  if (type === 'array' && items !== undefined) return `list of ${typeOf(items)}`;
  return type ?? 'any';
}

function definitionSection(name: string, schema: Schema): string {
  const { description, properties = {}, required = [] } = schema;
  const members = Object.entries(properties).map(([member, schema]) => [
    `\`${member}\`${required.includes(member) ? ' *' : ''}`,
    typeOf(schema),
    schema.description ?? '',
  ]);
  const about = description === undefined ? '' : `\n${description}\n`;
  return `### ${name}\n${about}${table(['member', 'type', 'meaning'], members)}`;
}

function byTag(routes: readonly DescribedRoute[]): string[] {
  const tags = new Map<string, string[]>();
  for (const route of routes) {
    const sections = tags.get(route.operation.tag) ?? [];
    sections.push(section(route));
    tags.set(route.operation.tag, sections);
  }
  return Array.from(tags, ([tag, sections]) => `## ${tag}\n\n${sections.join('\n')}`);
}

/** The reference page of the REST API, in Markdown, made of the routes themselves. */
export function renderRestReference(): string {
  const schemas: { readonly [name: string]: object } = definitions;
  return `# REST API

A running platform has the same as Swagger 2.0 at \`/api/v1/api-docs\`, as OpenAPI 3.1 at \`/api/v1/openapi.json\`, and as a page at
\`/api/v1/docs/index.html\`. Credentials are the two halves of a key, sent as user and password (\`Authorization: Basic …\`). Errors are \`{"error", "code"}\`;
[their messages](errors.md). Lists of bounds show the limits as they are without settings.

Any method and body: web actions below \`/api/v1/web/\` ([guide](../guide/web-actions.md)), APIs below \`/api/NAMESPACE/\` ([guide](../guide/apis.md)), webhooks by \`POST /api/v1/hooks/TOKEN\`
([guide](../guide/feeds.md)).

${byTag(operations()).join('\n')}
## Documents

\`*\`: always there.

${Object.entries(schemas)
  .map(([name, schema]) => definitionSection(name, schema))
  .join('\n')}`;
}
