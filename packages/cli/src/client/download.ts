import { baseUrlText, requireApiHost, type Settings } from '../config/settings.ts';
import { sendRequest } from './send-request.ts';

/** A file of the platform's host, outside of its API; no key is needed, and none is sent. */
export async function download(
  settings: Settings,
  path: string,
): Promise<{ readonly status: number; readonly bytes: Buffer }> {
  const url = new URL(`${baseUrlText(requireApiHost(settings))}${path}`);
  const { status, bytes } = await sendRequest({
    method: 'GET',
    url,
    headers: { Accept: '*/*' },
    insecure: settings.insecure,
  });
  return { status, bytes };
}
