import { randomUUID, sign } from 'node:crypto';

/** Where the assistant says that its certificates lie. The skill of the example looks for the same path elsewhere. */
export const CERTIFICATES = 'https://s3.amazonaws.com/echo.api';

/**
 * A message of the assistant: a request within a session.
 * @param {{type: string}} request what is asked, and what belongs to it
 * @param {{skillId: string, session?: object, now?: number}} about now in ms since 1970
 */
export function messageOf(request, { skillId, session, now = Date.now() }) {
  const application = { applicationId: skillId };
  return {
    version: '1.0',
    ...(session === undefined ? {} : { session: { ...session, application } }),
    context: { System: { application, apiEndpoint: 'https://api.amazonalexa.com' } },
    request: {
      requestId: `amzn1.echo-api.request.${randomUUID()}`,
      timestamp: new Date(now).toISOString(),
      locale: 'en-US',
      ...request,
    },
  };
}

/**
 * Headers and body as the assistant sends them.
 * @param {unknown} message an object, or text to be signed as it is
 * @param {{key: string, chain?: string}} signer the private key (PEM), and the name of the file of its chain
 */
export function signedRequest(message, { key, chain = 'assistant-chain.pem' }) {
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json;charset=utf-8',
      signaturecertchainurl: `${CERTIFICATES}/${chain}`,
      'signature-256': sign('sha256', Buffer.from(body), key).toString('base64'),
    },
    body,
  };
}
