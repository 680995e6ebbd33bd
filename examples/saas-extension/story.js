// A service that its customers extend, told step by step: `npm run example:saas`. Each step does what a person would type,
// and is checked.
import { randomBytes } from 'node:crypto';
import { tell } from '../../scripts/example-world.js';
import { check, eventually } from '../../scripts/story.js';
import { signedHeaders } from './shop/web-hooks.js';

const here = 'examples/saas-extension';
const newSecret = () => randomBytes(24).toString('base64url');

/** The shop, the platform beside it, and what both know of each merchant. */
async function opening(world) {
  const { address, isConfined, trouble } = await world.reachableAddress();
  if (trouble !== undefined) {
    throw new Error(
      `on this machine actions can't reach the shop, which is what the story is about:\n${trouble}`,
    );
  }
  const tokens = { 'ada-books': newSecret(), 'bob-bikes': newSecret() };

  world.step(
    'Start the shop: a plain web service that many merchants sell with. It knows nothing of functions.',
  );
  const { shop } = await world.startProgram(`${here}/shop/main.js`, {
    env: { HOST: address, MERCHANTS: { secret: JSON.stringify(tokens), shown: 'MERCHANTS' } },
    ready: /^The shop is at (?<shop>\S+)$/m,
  });
  world.say(`The shop is at ${shop}`);

  world.step(
    isConfined
      ? 'Start the platform beside it. Actions have no network; the operator lets those that ask for it reach one address: the API of the shop.'
      : 'Start the platform beside it. This machine can make no sandboxes: here actions are plain processes, and reach the shop as these do.',
  );
  await world.startPlatform([`containers.sandbox.allow=${new URL(shop).host}`]);

  world.step('Each merchant gets a namespace of their own.');
  const merchants = [];
  for (const [name, token] of Object.entries(tokens)) {
    const user = await world.createUser(name);
    await user.setUp();
    merchants.push({ ...user, token, shop, hookSecret: newSecret() });
  }
  return merchants;
}

/** A merchant's request to the shop. */
function ask(world, merchant, line, body) {
  const [method, path] = line.split(' ');
  return world.curl(method, `${merchant.shop}${path}`, {
    prompt: merchant.name,
    hidden: { authorization: { value: `Bearer ${merchant.token}`, shown: 'Bearer $SHOP_TOKEN' } },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function deploy(merchant, folder) {
  const parameters = [
    ['SHOP', merchant.shop],
    ['SHOP_TOKEN', { secret: merchant.token, shown: 'SHOP_TOKEN' }],
    ['HOOK_SECRET', { secret: merchant.hookSecret, shown: 'HOOK_SECRET' }],
  ].flatMap(([name, value]) => ['--param', name, value]);
  return merchant.wsk('project', 'deploy', '--project', `${here}/${folder}`, ...parameters);
}

/** What the webhook feed says about the trigger `ordered`. */
async function aboutHook(merchant) {
  const printed = await merchant.quietly('trigger', 'get', 'ordered');
  const { result } = JSON.parse(printed.slice(printed.indexOf('{'))).response;
  return result;
}

/** Deploys, and tells the shop where events go. */
async function extend(world, merchant, folder) {
  await deploy(merchant, folder);
  const { url } = (await aboutHook(merchant)).config;
  world.say(`"url": "${url}"`);
  const { status } = await world.curl('PUT', `${merchant.shop}/hook`, {
    prompt: merchant.name,
    hidden: { authorization: { value: `Bearer ${merchant.token}`, shown: 'Bearer $SHOP_TOKEN' } },
    body: JSON.stringify({ url, secret: merchant.hookSecret }),
    shownBody: `{"url": "${url}", "secret": "$HOOK_SECRET"}`,
  });
  check(status === 200, 'the shop did not take the web hook');
  return url;
}

async function buy(world, merchant, order) {
  const url = `${merchant.shop}/merchants/${merchant.name}/orders`;
  const { status, json } = await world.curl('POST', url, { prompt: 'buyer', body: JSON.stringify(order) });
  check(status === 201, 'the shop did not take the order');
  return json.id;
}

/** The order, as soon as it is as wanted; asked for quietly, and then shown. */
async function orderWhen(world, merchant, id, isAsWanted) {
  const headers = { authorization: `Bearer ${merchant.token}` };
  await eventually(`order ${id} as ${merchant.name} wants it`, async () => {
    const response = await fetch(`${merchant.shop}/orders/${id}`, { headers });
    return isAsWanted(await response.json());
  });
  return (await ask(world, merchant, `GET /orders/${id}`)).json;
}

/** The activation of the rule's action that an event began, once it has ended. */
async function runOf(merchant, order) {
  const trigger = await eventually('the record of the trigger', async () =>
    recordOf(merchant, order.event.activationId),
  );
  const { activationId } = JSON.parse(trigger.logs[0]);
  return eventually('the record of the function', () => recordOf(merchant, activationId));
}

async function recordOf(merchant, id) {
  const response = await fetch(`${merchant.url}/api/v1/namespaces/_/activations/${id}`, {
    headers: { authorization: `Basic ${Buffer.from(merchant.key).toString('base64')}` },
  });
  return response.ok && response.json();
}

async function adasGift(world, ada) {
  world.step(
    'Ada extends the shop. One manifest has her function, a trigger with an address of its own, and the rule that joins them. She gives the address to the shop.',
  );
  const hook = await extend(world, ada, 'ada');

  world.step(
    "Somebody buys at Ada's. The shop posts the event, signed; the trigger fires, the rule runs her function, and that answers through the API of the shop.",
  );
  const id = await buy(world, ada, {
    buyer: 'Grace',
    items: [
      { name: 'Sketch of the Analytical Engine', price: 24 },
      { name: 'Notes by the Translator', price: 12 },
    ],
  });
  const order = await orderWhen(world, ada, id, ({ gift, event }) => gift && event);
  check(order.gift === 'a bookmark', 'the order has no bookmark');
  check(order.event.status === 202, `the event was answered with ${order.event.status}`);

  world.step("Ada looks at the run: the trigger's record names it, and its log has her line.");
  const run = await runOf(ada, order);
  await ada.wsk('activation', 'logs', order.event.activationId, '--strip');
  const logs = await ada.wsk('activation', 'logs', run.activationId, '--strip');
  check(logs.includes('Grace gets a bookmark'), 'the line of the function is not in its log');
  return { hook, order, run };
}

/** A request to a web hook, signed with some secret. */
function post(world, hook, { secret, body, id, seconds, prompt = 'stranger' }) {
  return world.curl('POST', hook, {
    prompt,
    headers: signedHeaders(secret, { id, seconds, body }),
    body,
  });
}

async function forgery(world, ada, { hook, order }) {
  world.step(
    'A stranger has found out the address, and invents a purchase. Without the secret the signature is wrong: nothing runs.',
  );
  const runsBefore = await giftRuns(ada);
  const body = JSON.stringify({
    type: 'order.created',
    order: { id: order.id, buyer: 'Mallory', total: 999 },
  });
  const seconds = Math.floor(Date.now() / 1000);
  const forged = await post(world, hook, { secret: 'a guess', id: 'msg_1', seconds, body });
  check(forged.status === 401, `a forged event was answered with ${forged.status}`);

  world.step(
    'A message that is signed right, but an hour old: somebody may have recorded it and sends it again. The time is signed, too, and it is over.',
  );
  const old = await post(world, hook, { secret: ada.hookSecret, id: 'msg_2', seconds: seconds - 3600, body });
  check(old.status === 401, `an old event was answered with ${old.status}`);

  world.step('Ada sees what was refused, and why. Her function has not run.');
  const { deliveries } = await eventually('the refusals', async () => {
    const about = await aboutHook(ada);
    return about.deliveries.refused >= 2 && about;
  });
  world.say(JSON.stringify(deliveries, undefined, 2));
  check((await giftRuns(ada)) === runsBefore, 'the function ran for a forged event');

  world.step(
    'The answer to a right message got lost, and it is sent once more. The second is taken too, and fires nothing: it names no activation.',
  );
  const quiet = {
    prompt: 'shop',
    secret: ada.hookSecret,
    id: 'msg_3',
    seconds,
    body: '{"type": "greeting"}',
  };
  const [once, twice] = [await post(world, hook, quiet), await post(world, hook, quiet)];
  check(once.status === 202 && once.json.activationId, 'a right message did not fire');
  check(twice.status === 202 && !twice.json?.activationId, 'a message that came twice fired twice');
}

async function giftRuns(ada) {
  const response = await fetch(`${ada.url}/api/v1/namespaces/_/activations?name=gift`, {
    headers: { authorization: `Basic ${Buffer.from(ada.key).toString('base64')}` },
  });
  return (await response.json()).length;
}

async function bobsBadEvening(world, ada, bob) {
  world.step('Bob extends the shop in his own way.');
  await extend(world, bob, 'bob');
  const bicycle = { buyer: 'Edsger', items: [{ name: 'Bicycle', price: 480 }] };
  const books = { buyer: 'Barbara', items: [{ name: 'The Art of Books', price: 60 }] };
  const right = await orderWhen(
    world,
    bob,
    await buy(world, bob, bicycle),
    ({ note, event }) => note && event,
  );
  check(right.note === 'by van', 'the bicycle does not leave by van');

  world.step('One evening he deploys a function that never ends. Orders come to both of them.');
  await bob.wsk('action', 'update', 'extension/note', `${here}/bob/broken.js`);
  const stuck = [await buy(world, bob, bicycle), await buy(world, bob, bicycle)];
  const paid = await buy(world, ada, books);

  world.step("Ada notices nothing: her function answers while Bob's are stuck.");
  const order = await orderWhen(world, ada, paid, ({ gift, event }) => gift && event);
  check(order.gift === 'a bookmark', 'the order has no bookmark');

  world.step(
    "Nor does the shop: Bob's orders are taken, without a note. After three seconds, his limit, the platform ends his function, and says so in his records.",
  );
  for (const id of stuck) {
    const taken = await orderWhen(world, bob, id, ({ event }) => event);
    check(taken.note === undefined, 'an order has a note that nobody wrote');
    const run = await runOf(bob, taken);
    check(!run.response.success, 'the function that never ends has ended well');
    world.say(JSON.stringify(run.response.result));
    await bob.wsk('activation', 'logs', run.activationId, '--strip');
  }

  world.step('Bob deploys his folder again: what differs is put right, and the next bicycle leaves by van.');
  const said = await deploy(bob, 'bob');
  check(/updated action extension\/note/.test(said), 'the deployment did not change the function back');
  await orderWhen(
    world,
    bob,
    await buy(world, bob, bicycle),
    ({ note, event }) => note === 'by van' && event,
  );
}

async function curiosity(world, ada, bob, { order, run }) {
  world.step('Bob is curious about Ada: her function, her runs, her address, her orders. Each is refused.');
  await bob.refused('action', 'get', '/ada-books/extension/gift');
  await bob.refused('action', 'invoke', '/ada-books/extension/gift');
  await bob.refused('trigger', 'fire', '/ada-books/ordered');
  await bob.refused('activation', 'get', run.activationId);
  const { status } = await ask(world, bob, `PATCH /orders/${order.id}`, { gift: 'nothing' });
  check(status === 404, `Bob changed an order of Ada's: ${status}`);
}

function toPlayWith(world, ada) {
  return `Buy at Ada's, and look at what her function does (the order is the one with the id that comes back):

  curl -s --json '{"buyer": "you", "items": [{"name": "Book", "price": 31}]}' ${ada.shop}/merchants/ada-books/orders
  curl -s -H 'Authorization: Bearer ${ada.token}' ${ada.shop}/orders/7
  WSK_CONFIG_FILE=${ada.configFile} npx wsk activation list
  WSK_CONFIG_FILE=${ada.configFile} npx wsk action update extension/gift ${here}/ada/gift.js`;
}

await tell('saas', async (world) => {
  const [ada, bob] = (await opening(world)).map((merchant) => ({ ...merchant, url: world.url }));
  const first = await adasGift(world, ada);
  await forgery(world, ada, first);
  await bobsBadEvening(world, ada, bob);
  await curiosity(world, ada, bob, first);
  return toPlayWith(world, ada);
});
