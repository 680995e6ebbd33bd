import { actionSchemas } from './action-schemas.ts';
import { activationSchemas } from './activation-schemas.ts';
import { entitySchemas } from './entity-schemas.ts';
import { gatewaySchemas } from './gateway-schemas.ts';
import { infoSchemas } from './info-schemas.ts';

/** Every document that travels over the API, by the name under which its documents define it. */
export const definitions = {
  ...actionSchemas,
  ...activationSchemas,
  ...entitySchemas,
  ...gatewaySchemas,
  ...infoSchemas,
};
