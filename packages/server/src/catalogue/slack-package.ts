import type { CataloguePackage } from './catalogue-definition.ts';

/**
 * With a token, the address is a method of Slack's Web API, which answers 200 also to what it refuses. Without, it is an
 * incoming webhook, which takes its message as the field `payload` of a form. The address is a secret: it is not logged.
 */
const postCode = `const POST_MS = 20000;
const isGiven = (value) => value !== undefined && value !== null && value !== '';

function problemOf({ text, url, channel, token, attachments }) {
  if (!isGiven(text)) return 'No text provided';
  if (!isGiven(url)) return 'No Webhook URL provided';
  if (!isGiven(channel)) return 'No channel provided';
  if (typeof text === 'object') return 'slack: "text" must be a text.';
  if (typeof channel !== 'string') return 'slack: "channel" must be the name of a channel, such as #general.';
  if (typeof url !== 'string' || !/^https?:[/][/]/i.test(url) || !URL.canParse(url))
    return 'slack: "url" must be an address such as https://hooks.slack.com/services/….';
  if (isGiven(token) && !(typeof token === 'string' && /^[!-~]+$/.test(token)))
    return 'slack: "token" must be a token of Slack, such as xoxb-….';
  if (isGiven(attachments) && !Array.isArray(attachments)) return 'slack: "attachments" must be a list.';
}

function requestOf(params) {
  const { text, channel, username, icon_emoji, as_user, attachments, token } = params;
  const message = { channel, username: isGiven(username) ? username : 'Simple Message Bot', text: String(text) };
  if (isGiven(icon_emoji)) message.icon_emoji = icon_emoji;
  if (as_user === true || as_user === 'true') message.as_user = true;
  if (isGiven(attachments)) message.attachments = attachments;
  if (!isGiven(token)) return { body: new URLSearchParams({ payload: JSON.stringify(message) }) };
  const headers = { 'content-type': 'application/json; charset=utf-8', authorization: 'Bearer ' + token };
  return { headers, body: JSON.stringify(message) };
}

async function main(params) {
  const problem = problemOf(params);
  if (problem) return { error: problem };
  try {
    const sent = { method: 'POST', ...requestOf(params), signal: AbortSignal.timeout(POST_MS) };
    const response = await fetch(params.url, sent);
    const answer = (await response.text()).slice(0, 1000);
    if (!response.ok) return { error: 'slack: the message was refused with ' + response.status + ': ' + answer };
    if (isGiven(params.token) && !/"ok"\\s*:\\s*true/.test(answer))
      return { error: 'slack: the message was refused: ' + answer };
  } catch (error) {
    return { error: 'slack: the message cannot be sent: ' + ((error.cause || error).message || error) };
  }
  console.log('success:', params.text, 'successfully sent');
  return {};
}
`;

/** `/whisk.system/slack`: messages to channels of Slack, and of what takes the same requests. */
export const slackPackage: CataloguePackage = {
  name: 'slack',
  description: 'This package interacts with the Slack messaging service',
  documented: [
    { name: 'username', required: false, type: 'string', description: 'The name to post as' },
    { name: 'url', required: true, type: 'string', description: 'Your webhook URL' },
    { name: 'channel', required: true, type: 'string', description: 'The name of a Slack channel' },
    { name: 'token', required: false, type: 'string', description: 'Your Slack oauth token' },
  ],
  actions: [
    {
      name: 'post',
      description: 'Post a message to Slack; needs the internet',
      annotations: [{ key: 'internet', value: true }],
      documented: [
        { name: 'text', required: true, type: 'string', description: 'The message you wish to post' },
        { name: 'url', required: true, type: 'string', description: 'Your webhook URL' },
        { name: 'channel', required: true, type: 'string', description: 'The name of a Slack channel' },
        { name: 'username', required: false, type: 'string', description: 'The name to post as' },
        { name: 'icon_emoji', required: false, type: 'string', description: 'The icon of the message' },
        {
          name: 'token',
          required: false,
          type: 'string',
          description: 'For a url such as https://slack.com/api/chat.postMessage',
        },
        {
          name: 'as_user',
          required: false,
          type: 'boolean',
          description: 'Post as the bot that the token is of',
        },
        {
          name: 'attachments',
          required: false,
          type: 'array',
          description: 'Attachments, as Slack has them',
        },
      ],
      sampleInput: {
        username: 'openwhisk',
        text: 'Hello OpenWhisk!',
        channel: 'myChannel',
        url: 'https://hooks.slack.com/services/XYZ/ABCDEFG/12345678',
      },
      sampleOutput: {},
      code: postCode,
    },
  ],
};
