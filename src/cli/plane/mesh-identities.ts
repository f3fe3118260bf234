import type { Logger } from "pino";
import type { ControlLoop } from "../../control/loop.ts";
import { MeshIdentityKeeper } from "../../control/mesh-identity-keeper.ts";
import { Failure } from "../exit-code.ts";
import type { Rim } from "../rim.ts";

/** The certificates that Envoys get for the traffic between them. Undefined without TLS at the rim: a key is never sent in plaintext. */
export function openMeshIdentities(
  certs: string | undefined,
  { trustDomain }: Rim,
  {
    log,
    loop,
  }: { readonly log: Logger; readonly loop: () => Pick<ControlLoop, "renew" | "failure"> },
): MeshIdentityKeeper | undefined {
  if (certs === undefined || trustDomain === undefined) return undefined;
  const tell = (faults: readonly string[]) => {
    for (const fault of faults)
      log.error({ fault }, "certificate of the mesh cannot be used: the one before stays");
  };
  try {
    const keeper = new MeshIdentityKeeper({
      ...{ certs, trustDomain, now: () => new Date() },
      onChange: ({ isNew, faults }) => {
        tell(faults);
        if (!isNew) return;
        log.info({ certs }, "certificates of the mesh replaced");
        loop().renew();
        const { failure } = loop();
        if (failure !== undefined) log.error({ failure }, "intent could not be published");
      },
    });
    tell(keeper.faults);
    return keeper;
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Failure(
      `${path ?? certs}: cannot be used (${code}): make certificates by qmesh certs.`,
    );
  }
}
