exports.Client=require('undici/lib/dispatcher/client.js'); exports.Agent=require('undici/lib/dispatcher/agent.js'); exports.errors=require('undici/lib/core/errors.js');
const api=require('undici/lib/api/api-request.js'); exports.request=()=>{};
