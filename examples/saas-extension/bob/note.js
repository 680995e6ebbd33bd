/** Bob sells bicycles. He has noted how each order leaves: bicycles by van, all else by post. */
async function main({ type, order, shop, token }) {
  if (type !== 'order.created') return { ignored: type };
  const note = order.items.some(({ name }) => /bicycle/i.test(name)) ? 'by van' : 'by post';
  const response = await fetch(`${shop}/orders/${order.id}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ note }),
  });
  if (!response.ok) return { error: `The shop answered ${response.status}: ${await response.text()}` };
  console.log(`order ${order.id} leaves ${note}`);
  return { order: order.id, note };
}

exports.main = main;
