/** What actions and packages of one namespace are to be, said as simply as possible: the model of a property test. */

export interface Pair {
  readonly key: string;
  readonly value: unknown;
}

export interface PackageWish {
  readonly overwrite: boolean;
  readonly publish?: boolean;
  readonly parameters?: readonly Pair[];
  readonly binding?: string;
}

export interface ActionWish {
  readonly overwrite: boolean;
  readonly code?: string;
  readonly parameters?: readonly Pair[];
}

interface Written {
  version: number;
  parameters: readonly Pair[];
  /** Counts writes: lists begin with the newest. */
  at: number;
}

interface PackageState extends Written {
  publish: boolean;
  binding: string | undefined;
}

interface ActionState extends Written {
  code: string;
}

/** A status, and members that the answer has to have. */
export interface Expected {
  readonly status: number;
  readonly json?: unknown;
}

const over = (below: readonly Pair[], above: readonly Pair[]): Pair[] => [
  ...new Map([...below, ...above].map((pair) => [pair.key, pair])).values(),
];

/** Namespace `guest`. An action's package is '' where it has none. */
export class EntityModel {
  readonly #packages = new Map<string, PackageState>();
  readonly #actions = new Map<string, ActionState>();
  #writes = 0;

  /** Why what lies behind a package's name can't be read; undefined when it can. */
  #unreadable(name: string, stranger = false): number | undefined {
    const found = this.#packages.get(name);
    if (stranger) return found?.publish === true && found.binding === undefined ? undefined : 403;
    if (found === undefined) return this.#absence(name);
    return found.binding !== undefined && !this.#packages.has(found.binding) ? 404 : undefined;
  }

  /** What is said where no package of that name is. */
  #absence(name: string): 404 | 409 {
    return this.#actions.has(`/${name}`) ? 409 : 404;
  }

  #isTaken(pkg: string, name: string): boolean {
    return pkg === '' && this.#packages.has(name);
  }

  #held(pkg: string): [name: string, action: ActionState][] {
    return [...this.#actions]
      .filter(([path]) => path.startsWith(`${pkg}/`))
      .map(([path, action]): [string, ActionState] => [path.slice(pkg.length + 1), action])
      .sort(([, left], [, right]) => right.at - left.at);
  }

  /** Where a package's actions lie, and the parameters that it adds to theirs. */
  #home(name: string): { readonly home: string; readonly parameters: readonly Pair[] } {
    const { binding, parameters } = this.#packages.get(name)!;
    if (binding === undefined) return { home: name, parameters };
    return { home: binding, parameters: over(this.#packages.get(binding)!.parameters, parameters) };
  }

  putPackage(name: string, wish: PackageWish): Expected {
    const { binding, overwrite } = wish;
    if (binding !== undefined && this.#unreadable(binding) !== undefined) {
      return { status: this.#unreadable(binding) === 409 ? 409 : 400 };
    }
    const old = this.#packages.get(name);
    if (old === undefined && this.#actions.has(`/${name}`)) return { status: 409 };
    if (old !== undefined && !overwrite) return { status: 409 };
    if (binding !== undefined) {
      if (old !== undefined && old.binding === undefined) return { status: 409 };
      if (binding === name) return { status: 422 };
      if (this.#packages.get(binding)!.binding !== undefined) return { status: 400 };
    }
    const next: PackageState = {
      version: (old?.version ?? 0) + 1,
      publish: wish.publish ?? old?.publish ?? false,
      parameters: wish.parameters ?? old?.parameters ?? [],
      binding: binding ?? old?.binding,
      at: ++this.#writes,
    };
    this.#packages.set(name, next);
    return { status: 200, json: this.#show(name, next) };
  }

  #show(name: string, { version, publish, parameters, binding }: PackageState): object {
    return {
      namespace: 'guest',
      name,
      version: `0.0.${version}`,
      publish,
      parameters,
      binding: binding === undefined ? {} : { namespace: 'guest', name: binding },
    };
  }

  getPackage(name: string, stranger: boolean): Expected {
    const status = this.#unreadable(name, stranger);
    if (status !== undefined) return { status };
    const { home, parameters } = this.#home(name);
    const actions = this.#held(home).map(([held, { version }]) => ({
      name: held,
      version: `0.0.${version}`,
    }));
    const shown = this.#show(name, { ...this.#packages.get(name)!, parameters });
    return { status: 200, json: { ...shown, actions, feeds: [] } };
  }

  deletePackage(name: string, force: boolean): Expected {
    const old = this.#packages.get(name);
    if (old === undefined) return { status: this.#absence(name) };
    if (old.binding === undefined) {
      const held = this.#held(name);
      if (held.length > 0 && !force) return { status: 409 };
      for (const [action] of held) this.#actions.delete(`${name}/${action}`);
    }
    this.#packages.delete(name);
    return { status: 200, json: this.#show(name, old) };
  }

  listPackages(stranger: boolean): Expected {
    const shown = [...this.#packages]
      .filter(([, { publish, binding }]) => !stranger || (publish && binding === undefined))
      .sort(([, left], [, right]) => right.at - left.at)
      .map(([name, { publish, version }]) => ({ name, publish, version: `0.0.${version}` }));
    return { status: 200, json: shown };
  }

  putAction(pkg: string, name: string, wish: ActionWish): Expected {
    if (pkg !== '') {
      const found = this.#packages.get(pkg);
      if (found === undefined) return { status: this.#absence(pkg) };
      if (found.binding !== undefined) return { status: 400 };
    }
    const old = this.#actions.get(`${pkg}/${name}`);
    if (old !== undefined && !wish.overwrite) return { status: 409 };
    if (old === undefined && this.#isTaken(pkg, name)) return { status: 409 };
    const code = wish.code ?? old?.code;
    if (code === undefined) return { status: 400 };
    const next: ActionState = {
      version: (old?.version ?? 0) + 1,
      parameters: wish.parameters ?? old?.parameters ?? [],
      code,
      at: ++this.#writes,
    };
    this.#actions.set(`${pkg}/${name}`, next);
    return { status: 200, json: showAction(pkg, name, next) };
  }

  getAction(pkg: string, name: string, stranger: boolean): Expected {
    if (stranger && pkg === '') return { status: 403 };
    const status = pkg === '' ? undefined : this.#unreadable(pkg, stranger);
    if (status !== undefined) return { status };
    const { home, parameters } = pkg === '' ? { home: '', parameters: [] } : this.#home(pkg);
    const found = this.#actions.get(`${home}/${name}`);
    if (found === undefined) return { status: this.#isTaken(pkg, name) ? 409 : 404 };
    const shown = { ...found, parameters: over(parameters, found.parameters) };
    return { status: 200, json: showAction(home, name, shown) };
  }

  deleteAction(pkg: string, name: string): Expected {
    if (pkg !== '') {
      const found = this.#packages.get(pkg);
      if (found === undefined) return { status: this.#absence(pkg) };
      if (found.binding !== undefined) return { status: 400 };
    }
    const old = this.#actions.get(`${pkg}/${name}`);
    if (old === undefined) return { status: this.#isTaken(pkg, name) ? 409 : 404 };
    this.#actions.delete(`${pkg}/${name}`);
    return { status: 200, json: showAction(pkg, name, old) };
  }

  /** Of the whole namespace when `pkg` is ''. */
  listActions(pkg: string): Expected {
    if (pkg === '') {
      const all = [...this.#actions].sort(([, left], [, right]) => right.at - left.at);
      return { status: 200, json: all.map(([path]) => ({ name: path.slice(path.indexOf('/') + 1) })) };
    }
    const status = this.#unreadable(pkg);
    if (status !== undefined) return { status };
    const { home } = this.#home(pkg);
    const json = this.#held(home).map(([name]) => ({ name, namespace: `guest/${home}` }));
    return { status: 200, json };
  }
}

function showAction(pkg: string, name: string, { version, parameters, code }: ActionState): object {
  const namespace = pkg === '' ? 'guest' : `guest/${pkg}`;
  return { namespace, name, version: `0.0.${version}`, parameters, exec: { code } };
}
