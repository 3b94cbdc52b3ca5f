/** Somebody at a control, by script: logged in by a cookie or by a token. */
import type { Answer, RunningControl } from "./running-control.js";

type Asking = { method?: string; body?: unknown; headers?: Record<string, string> };

export class Person {
  readonly headers: Record<string, string>;
  /** As the browser got it at the log-in. */
  readonly setCookie: string;
  readonly #running: RunningControl;

  private constructor(running: RunningControl, headers: Record<string, string>, setCookie = "") {
    this.#running = running;
    this.headers = headers;
    this.setCookie = setCookie;
  }

  static async byLink(running: RunningControl): Promise<Person> {
    const link = new URL(await running.control.consoleLink());
    return Person.#byCookie(running, await running.knock(link.pathname + link.search));
  }

  static byBearer(running: RunningControl, token: string): Person {
    return new Person(running, { authorization: `Bearer ${token}` });
  }

  static async byPassword(running: RunningControl, email: string, password: string): Promise<Person> {
    const response = await running.knock("/api/auth/sign-in/email", json({ email, password }));
    if (response.status !== 200) throw new Error(`log-in refused: ${response.status} ${await response.text()}`);
    return Person.#byCookie(running, response);
  }

  static async byInvitation(running: RunningControl, link: string, account: { name: string; password: string }): Promise<Person> {
    const response = await running.knock(`/api/v1/invitations/${link.split("/").at(-1)}/accept`, json(account));
    if (response.status !== 200) throw new Error(`not accepted: ${response.status} ${await response.text()}`);
    return Person.#byCookie(running, response);
  }

  static async tryPassword(
    running: RunningControl,
    attempt: { email: string; password: string; callbackURL?: string },
  ): Promise<Answer> {
    return answerOf(await running.knock("/api/auth/sign-in/email", json(attempt)));
  }

  static async tryAccept(running: RunningControl, link: string, account: object): Promise<Answer> {
    return answerOf(await running.knock(`/api/v1/invitations/${link.split("/").at(-1)}/accept`, json(account)));
  }

  static #byCookie(running: RunningControl, response: Response): Person {
    const setCookie = response.headers.getSetCookie().find((cookie) => /^phonerack_\d+=/.test(cookie)) ?? "";
    return new Person(running, { cookie: setCookie.split(";")[0] ?? "", origin: running.control.url }, setCookie);
  }

  async ask(path: string, { method = "GET", body, headers = {} }: Asking = {}): Promise<Answer> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const all = { ...this.headers, ...headers, ...(body === undefined ? undefined : { "content-type": "application/json" }) };
    return answerOf(await this.#running.knock(`/api/v1${path}`, { method, ...content, headers: all }));
  }

  accept(link: string): Promise<Answer> {
    return this.ask(`/invitations/${link.split("/").at(-1)}/accept`, { method: "POST", body: {} });
  }

  knock(path: string, { method = "GET", json: body }: { method?: string; json?: unknown } = {}): Promise<Response> {
    if (body === undefined) return this.#running.knock(path, { method, headers: this.headers });
    const { headers, ...rest } = json(body);
    return this.#running.knock(path, { ...rest, method, headers: { ...headers, ...this.headers } });
  }

  async post(path: string, body: unknown): Promise<Answer> {
    return answerOf(await this.knock(path, { method: "POST", json: body }));
  }
}

function json(body: unknown): { method: string; body: string; headers: Record<string, string> } {
  return { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text), headers: response.headers };
}
