/**
 * The feed of `/whisk.system/github`, as the text of a Node.js action. The address that GitHub posts to, and the secret
 * that it signs with, are a webhook of the platform's own: this action asks for one with the key that a feed is given,
 * so that no key of the platform's lies at GitHub. GitHub's hook is found again by the path of that address.
 */
export const githubWebhookCode = `const crypto = require('node:crypto');
const ASK_MS = 15000;
const PER_PAGE = 100;
const MAX_PAGES = 20;
const isGiven = (value) => value !== undefined && value !== null && value !== '';

async function ask(whom, url, options) {
  try {
    const response = await fetch(url, { ...options, signal: AbortSignal.timeout(ASK_MS) });
    const text = await response.text();
    let body;
    try {
      body = JSON.parse(text);
    } catch {}
    return { status: response.status, body };
  } catch (error) {
    throw new Error(whom + ' cannot be reached: ' + ((error.cause || error).message || error));
  }
}

async function ownWebhook({ authKey, triggerName }, lifecycleEvent, settings) {
  const url = process.env.__OW_API_HOST + '/api/v1/namespaces/whisk.system/actions/webhooks/webhook';
  const { status, body } = await ask('the platform', url + '?blocking=true&result=true', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: 'Basic ' + Buffer.from(String(authKey)).toString('base64'),
    },
    body: JSON.stringify({ ...settings, authKey, triggerName, lifecycleEvent }),
  });
  if (status === 200) return body;
  throw new Error((body && body.error) || 'the platform answered ' + status);
}

/** Undefined where the trigger has none. */
async function knownWebhook(params) {
  try {
    return (await ownWebhook(params, 'READ')).config;
  } catch (error) {
    if (error.message.startsWith('could not find a webhook')) return undefined;
    throw error;
  }
}

function readRepository({ repository, username }) {
  if (typeof repository !== 'string' || repository === '')
    throw new Error('no repository parameter was provided: give NAME or OWNER/NAME');
  const parts = repository.split('/');
  if (parts.length === 1) {
    if (!isGiven(username)) throw new Error('no username parameter was provided, and the repository names no owner');
    parts.unshift(String(username));
  }
  if (parts.length === 2 && parts.every((part) => /^[A-Za-z0-9._-]{1,100}$/.test(part) && !/^[.]+$/.test(part)))
    return parts.join('/');
  throw new Error('the repository parameter must be NAME or OWNER/NAME, and username the name of a user');
}

function readUrl(given, name) {
  const text = typeof given === 'string' && /^https?:[/][/]/i.test(given) ? given : 'https://' + given;
  if (typeof given === 'string' && URL.canParse(text)) return new URL(text);
  throw new Error('the ' + name + ' parameter must be an address such as https://example.com');
}

function readTarget(params) {
  const { accessToken, apiUrl } = params;
  if (!isGiven(accessToken))
    throw new Error('no accessToken parameter was provided: bind it to a package (wsk package bind /whisk.system/github NAME -p accessToken …), so that it is known when the trigger is changed or deleted');
  const repository = readRepository(params);
  if (typeof accessToken !== 'string' || !/^[!-~]{1,1000}$/.test(accessToken))
    throw new Error('the accessToken parameter must be a token of GitHub');
  const base = isGiven(apiUrl) ? readUrl(apiUrl, 'apiUrl').href.replace(/[/]+$/, '') : 'https://api.github.com';
  return { repository, accessToken, hooksUrl: base + '/repos/' + repository + '/hooks' };
}

function readEvents({ events }) {
  if (!isGiven(events)) throw new Error('no events parameter was provided: give names such as push,pull_request');
  const list = Array.isArray(events) ? events : String(events).split(',');
  const names = list.map((name) => String(name).trim().replaceAll('-', '_'));
  if (names.length > 0 && names.length <= 100 && names.every((name) => /^([a-z_]{1,60}|[*])$/.test(name))) return names;
  throw new Error('the events parameter must be a list of events of GitHub, such as push,pull_request');
}

async function askGitHub(target, method, path, content) {
  const { status, body } = await ask('GitHub', target.hooksUrl + path, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: 'Bearer ' + target.accessToken,
      'content-type': 'application/json',
      'user-agent': 'whisk',
    },
    ...(content && { body: JSON.stringify(content) }),
  });
  if (status >= 200 && status < 300) return body;
  if (status === 404 && method === 'DELETE') return undefined;
  const said = body && typeof body.message === 'string' ? ' (' + body.message.slice(0, 300) + ')' : '';
  const mend =
    status === 401 || status === 403 || status === 404
      ? ': does ' + target.repository + ' exist, and may the accessToken manage its webhooks?'
      : '';
  throw new Error('GitHub answered ' + status + said + mend);
}

async function findHook(target, url) {
  const { pathname } = new URL(url);
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const hooks = await askGitHub(target, 'GET', '?per_page=' + PER_PAGE + '&page=' + page);
    if (!Array.isArray(hooks)) throw new Error('GitHub answered with something that is no list of hooks');
    const found = hooks.find(({ config }) => config && URL.canParse(config.url) && new URL(config.url).pathname === pathname);
    if (found || hooks.length < PER_PAGE) return found;
  }
}

async function create(params) {
  const target = readTarget(params);
  const events = readEvents(params);
  const origin = isGiven(params.endpoint) ? readUrl(params.endpoint, 'endpoint').origin : undefined;
  const known = await knownWebhook(params);
  // Asked before the secret is changed: a wrong token or repository is to leave all as it was.
  const old = known && (await findHook(target, known.url));
  const secret = crypto.randomBytes(32).toString('hex');
  const settings = { secret, signature: 'github', headers: ['x-github-event', 'x-github-delivery'] };
  const made = await ownWebhook(params, 'CREATE', settings);
  const url = origin ? origin + new URL(made.url).pathname : made.url;
  const config = { url, content_type: 'json', secret, insecure_ssl: '0' };
  try {
    const hook = old
      ? await askGitHub(target, 'PATCH', '/' + old.id, { active: true, events, config })
      : await askGitHub(target, 'POST', '', { name: 'web', active: true, events, config });
    return { status: 'success', url, hook: hook && hook.id, repository: target.repository, events };
  } catch (error) {
    if (!known) await ownWebhook(params, 'DELETE').catch(() => {});
    throw error;
  }
}

async function update(params) {
  const target = readTarget(params);
  const events = readEvents(params);
  const known = await knownWebhook(params);
  const hook = known && (await findHook(target, known.url));
  if (!hook) throw new Error(target.repository + ' has no hook for this trigger: delete the trigger and create it anew');
  await askGitHub(target, 'PATCH', '/' + hook.id, { events });
  return { status: 'success', hook: hook.id, repository: target.repository, events };
}

/**
 * What is gone already is no error, nor is it when nobody knows the token any more: a trigger whose feed fails could not
 * be deleted. The address ends all the same, so that nothing comes in.
 */
async function remove(params) {
  const known = await knownWebhook(params);
  if (!known) return { status: 'success' };
  if (!isGiven(params.accessToken)) {
    const note = 'The hook at GitHub stays, for there is no accessToken parameter: remove the one with the address ' + known.url;
    return { ...(await ownWebhook(params, 'DELETE')), note };
  }
  const target = readTarget(params);
  const hook = await findHook(target, known.url);
  if (hook) await askGitHub(target, 'DELETE', '/' + hook.id);
  return ownWebhook(params, 'DELETE');
}

async function main(params) {
  const event = isGiven(params.lifecycleEvent) ? params.lifecycleEvent : 'CREATE';
  try {
    if (!isGiven(params.triggerName)) throw new Error('no trigger name parameter was provided');
    if (!isGiven(params.authKey)) throw new Error('no authKey parameter was provided');
    if (event === 'CREATE') return await create(params);
    if (event === 'UPDATE') return await update(params);
    if (event === 'DELETE') return await remove(params);
    // The rest, and what is no event, the platform's own feed knows.
    return await ownWebhook(params, event);
  } catch (error) {
    return { error: error.message };
  }
}
`;
