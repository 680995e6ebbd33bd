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

/** Prints requests and answers. The authorization never shows: traces end up in bug reports. */
export function createTrace(print: (line: string) => void, debug: boolean): Trace {
  return {
    request: ({ method, url, headers, body }) => {
      print('REQUEST:');
      print(`[${method}]\t${url.href}`);
      print('Req Headers');
      for (const [name, value] of Object.entries(headers)) {
        print(`  ${name}: ${name === 'Authorization' ? 'Basic ***' : value}`);
      }
      if (body !== undefined) {
        print('Req Body');
        print(shorten(body, debug));
      }
    },
    reply: ({ status, headers, text }) => {
      print('RESPONSE:');
      print(`Got response with code ${status}`);
      print('Resp Headers');
      for (const [name, value] of Object.entries(headers)) print(`  ${name}: ${String(value)}`);
      print(`Response body size is ${Buffer.byteLength(text)} bytes`);
      print('Response body received:');
      print(shorten(text, debug));
    },
  };
}
