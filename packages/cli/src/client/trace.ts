import type { HttpReply, HttpRequest } from './send-request.ts';

const BODY_SHOWN = 1000;

/** Is told what travels, for `--verbose` and `--debug`. */
export interface Trace {
  request(request: HttpRequest): void;
  reply(reply: HttpReply): void;
}

function shorten(text: string, whole: boolean): string {
  return whole || text.length <= BODY_SHOWN ? text : `${text.slice(0, BODY_SHOWN)}...`;
}

/** The key of a request, which feeds get in their parameters as well. */
function keyOf({ headers }: HttpRequest): string {
  return Buffer.from((headers['Authorization'] ?? '').replace(/^Basic /, ''), 'base64').toString('utf8');
}

/** Prints requests and answers. The key never shows: traces end up in bug reports. */
export function createTrace(print: (line: string) => void, debug: boolean): Trace {
  let key = '';
  const masked = (body: string): string => (key === '' ? body : body.replaceAll(key, '***'));
  return {
    request: (request) => {
      const { method, url, headers, body } = request;
      key = keyOf(request);
      print('REQUEST:');
      print(`[${method}]\t${url.href}`);
      print('Req Headers');
      for (const [name, value] of Object.entries(headers)) {
        print(`  ${name}: ${name === 'Authorization' ? 'Basic ***' : value}`);
      }
      if (body !== undefined) {
        print('Req Body');
        print(shorten(masked(body), debug));
      }
    },
    reply: ({ status, headers, text }) => {
      print('RESPONSE:');
      print(`Got response with code ${status}`);
      print('Resp Headers');
      for (const [name, value] of Object.entries(headers)) print(`  ${name}: ${String(value)}`);
      print(`Response body size is ${Buffer.byteLength(text)} bytes`);
      print('Response body received:');
      print(shorten(masked(text), debug));
    },
  };
}
