// Starts the shop: HOST and PORT say where, MERCHANTS is JSON of each merchant's name and token.
import { openShop } from './shop.js';

const { HOST = '127.0.0.1', PORT = '0', MERCHANTS = '{}' } = process.env;

const shop = openShop(new Map(Object.entries(JSON.parse(MERCHANTS))));
shop.listen(Number(PORT), HOST, () => {
  console.log(`The shop is at http://${HOST}:${shop.address().port}`);
});
