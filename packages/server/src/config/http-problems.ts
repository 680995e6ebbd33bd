import type { ConfigProblem } from './config-error.ts';
import type { Config } from './schema.ts';

const DOMAIN = /^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,9}$/i;

/** What is wrong with the listeners' settings together. */
export function httpProblems(http: Config['http']): readonly ConfigProblem[] {
  const { apiHost, redirectPort, tls, vanityDomain } = http;
  const problems: ConfigProblem[] = [];
  const { cert, key } = tls;
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? 'http.tls.cert (--tls-cert)' : 'http.tls.key (--tls-key)';
    problems.push({
      message: `TLS needs a certificate and its key; ${missing} is missing.`,
      mend: 'Give both, or neither.',
    });
  }
  if (redirectPort !== undefined && cert === undefined) {
    problems.push({
      message: 'http.redirectPort leads to an API with TLS, and there is none.',
      mend: 'Give --tls-cert and --tls-key, or leave http.redirectPort out.',
    });
  }
  if (apiHost !== undefined && !URL.canParse(/^https?:/.test(apiHost) ? apiHost : `http://${apiHost}`)) {
    problems.push({
      message: `http.apiHost is ${JSON.stringify(apiHost)}, which is no host:port.`,
      mend: 'Write for example 10.0.0.5:3233, or a URL that begins with https://.',
    });
  }
  if (vanityDomain !== undefined && !DOMAIN.test(vanityDomain)) {
    problems.push({
      message: `http.vanityDomain is ${JSON.stringify(vanityDomain)}, which is no domain.`,
      mend: 'Write for example functions.example.org, without a scheme and a port.',
    });
  }
  return problems;
}
