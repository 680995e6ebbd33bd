/** A part of a path between two slashes: as it stands, or a parameter. */
export type TemplateSegment = { readonly literal: string } | { readonly parameter: string };

export type ReadTemplate =
  | { readonly ok: true; readonly segments: readonly TemplateSegment[] }
  | { readonly ok: false; readonly why: string };

const MAX_PATH_LENGTH = 1024;
const PARAMETER = /^\{([^{}]+)\}$/;
/** What a URL's path can't hold, or what would end it. Percent signs come with their two digits. */
const FORBIDDEN = /[\s?#\\{}\p{Cc}]/u;

function refuse(why: string): ReadTemplate {
  return { ok: false, why };
}

/** Segments as a request's path has them once it is decoded. */
export function decodeSegment(segment: string): string | undefined {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/**
 * Takes `/club/{id}/members` apart. The last segment is empty where the path ends in a slash. Says why when it is no path:
 * parameters are whole segments, and each has a name of its own.
 */
export function readTemplate(path: string): ReadTemplate {
  if (!path.startsWith('/')) return refuse(`'${path}' must begin with '/'.`);
  if (path.length > MAX_PATH_LENGTH) return refuse(`A path has at most ${MAX_PATH_LENGTH} characters.`);
  const segments: TemplateSegment[] = [];
  const names = new Set<string>();
  for (const part of path.slice(1).split('/')) {
    const parameter = PARAMETER.exec(part)?.[1];
    if (parameter !== undefined) {
      if (names.has(parameter)) return refuse(`The parameter '${parameter}' stands twice in '${path}'.`);
      names.add(parameter);
      segments.push({ parameter });
      continue;
    }
    if (/[{}]/.test(part)) {
      return refuse(`A parameter is a whole segment, as in '/a/{name}/b': '${part}' is none.`);
    }
    const literal = decodeSegment(part);
    if (literal === undefined || FORBIDDEN.test(part))
      return refuse(`'${part}' can't stand in a URL's path.`);
    segments.push({ literal });
  }
  return { ok: true, segments };
}

/** The names of the parameters, in order. */
export function parametersOf(segments: readonly TemplateSegment[]): string[] {
  return segments.flatMap((segment) => ('parameter' in segment ? [segment.parameter] : []));
}
