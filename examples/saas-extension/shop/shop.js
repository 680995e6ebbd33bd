// A small service for many merchants. It knows nothing of functions: it takes orders, tells each merchant's web hook of them,
// and has an API by which a merchant may read and change what is theirs.
//
//   POST  /merchants/NAME/orders   anybody buys:      {"buyer": …, "items": [{"name": …, "price": …}]}
//   GET   /orders/ID               its merchant reads, with what became of its event
//   PATCH /orders/ID               its merchant adds: {"gift": …} or {"note": …}; doing so twice changes nothing
//   PUT   /hook                    a merchant says where events go: {"url": …, "secret": …}
//
// A merchant shows a token: `Authorization: Bearer TOKEN`.
import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { deliver } from './web-hooks.js';

const BODY_LIMIT = 64 * 1024;

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function readJson(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += part;
    if (text.length > BODY_LIMIT) throw new Refusal(413, 'The body is larger than 64 kB.');
  }
  try {
    const value = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new Refusal(400, 'The body must be a JSON object.');
}

const isText = (value) => typeof value === 'string' && value !== '' && value.length <= 200;
const isItem = (item) => isText(item?.name) && Number.isFinite(item.price) && item.price >= 0;

/** Takes as long whether the first letter is wrong or the last. */
function isSame(left, right) {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** @param tokens a Map of each merchant's name and token */
export function openShop(tokens) {
  const orders = new Map();
  const hooks = new Map();

  function merchantOf(request) {
    const [, token = ''] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
    for (const [merchant, right] of tokens) if (isSame(token, right)) return merchant;
    throw new Refusal(401, 'Show the token of a merchant: Authorization: Bearer TOKEN');
  }

  /** An order of somebody else is as little there as one that nobody made. */
  function orderOf(request, id) {
    const merchant = merchantOf(request);
    const order = orders.get(id);
    if (order?.merchant === merchant) return order;
    throw new Refusal(404, `You have no order ${id}.`);
  }

  /** The buyer does not wait for what a merchant does with the event. */
  async function tell(order) {
    const hook = hooks.get(order.merchant);
    if (hook === undefined) return;
    const { event: _, ...said } = order;
    order.event = await deliver(hook, { type: 'order.created', order: said });
  }

  async function buy(request, merchant) {
    if (!tokens.has(merchant)) throw new Refusal(404, `There is no merchant ${merchant}.`);
    const { buyer, items } = await readJson(request);
    if (!isText(buyer) || !Array.isArray(items) || items.length === 0 || !items.every(isItem)) {
      throw new Refusal(400, 'An order needs a buyer, and items with a name and a price.');
    }
    const total = items.reduce((sum, { price }) => sum + price, 0);
    const order = { id: String(orders.size + 1), merchant, buyer, items, total };
    orders.set(order.id, order);
    void tell(order);
    return { status: 201, body: { id: order.id, total } };
  }

  async function change(request, id) {
    const order = orderOf(request, id);
    const { gift, note, ...others } = await readJson(request);
    const [other] = Object.keys(others);
    if (other !== undefined) throw new Refusal(400, `'${other}' of an order can't be changed.`);
    for (const text of [gift, note]) {
      if (text !== undefined && !isText(text)) throw new Refusal(400, 'A gift or a note is a short text.');
    }
    if (gift !== undefined) order.gift = gift;
    if (note !== undefined) order.note = note;
    return { status: 200, body: order };
  }

  async function setHook(request) {
    const merchant = merchantOf(request);
    const { url, secret } = await readJson(request);
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol) || !isText(secret)) {
      throw new Refusal(400, 'A web hook needs the url of a web server, and a secret.');
    }
    hooks.set(merchant, { url, secret });
    return { status: 200, body: { merchant, events: ['order.created'] } };
  }

  async function route(request) {
    const { method, url } = request;
    const [, collection, id, rest] = url.split('/');
    const what = `${method} ${collection}`;
    if (what === 'POST merchants' && rest === 'orders') return buy(request, id);
    if (what === 'GET orders') return { status: 200, body: orderOf(request, id) };
    if (what === 'PATCH orders') return change(request, id);
    if (what === 'PUT hook') return setHook(request);
    throw new Refusal(404, 'There is no such thing in this shop.');
  }

  return createServer(async (request, response) => {
    const { status, body } = await route(request).catch((error) => ({
      status: error.status ?? 500,
      body: { error: error.status ? error.message : 'The shop made a mistake.' },
    }));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
}
