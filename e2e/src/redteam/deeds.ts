/** Comments, likes, orders and links in somebody else's app, by each way that many phones can be driven: what engagement is faked with elsewhere. */
import { BAZAAR, NOTES, type RedLab } from "./red-lab.js";
import type { Scenario } from "./scenario.js";

/** Of the gate: an app that is nobody's here, in front or opened, for a group, a script or a shell. */
const MANY = ["many-other", "many-target", "many-unknown", "many-system-text", "many-permitted-shell"];

async function notesTakes(lab: RedLab): Promise<boolean> {
  return lab.asGroup(async (step) => {
    const { body } = await step({ type: "launch", package: NOTES });
    await lab.open(`-n ${NOTES}/.EditActivity`, NOTES);
    const typed = await step({ type: "text", text: "milk" });
    const all = (counts: Record<string, number>) => (counts.applied ?? 0) + (counts.delivered ?? 0);
    return all(body.counts) === lab.phones.length && all(typed.body.counts) === lab.phones.length;
  });
}

export const comments: Scenario = {
  name: "fake comments, by every way to write",
  refusals: MANY,
  landed: (lab) => lab.reached(),
  twin: notesTakes,
  attempt: async (lab) => {
    let tried = 0;
    await lab.asGroup(async (step) => {
      await lab.open("-a android.intent.action.VIEW -d bazaar://post/1", BAZAAR);
      const [field, send] = [await lab.placeOf("comment_input"), await lab.placeOf("send")];
      for (const wanted of [
        { type: "tap", at: field },
        { type: "text", text: "so nice" },
        { type: "paste", text: "so nice" },
        { type: "key", key: "SPACE" },
        { type: "key", key: "ENTER" },
        { type: "tap", at: send },
      ]) {
        await step(wanted);
        tried++;
      }
    });
    await lab.open("-a android.intent.action.VIEW -d bazaar://post/1", BAZAAR);
    await lab.job({ type: "shell", command: "input text nice; input keyevent ENTER" });
    await lab.job({ type: "clipboard", text: "so nice" });
    const { body: key } = await lab.call("POST", "/keys", { name: "writer", scopes: ["read", "drive"], role: "owner" });
    const actions = [{ type: "text", text: "so nice" }];
    await Promise.all(lab.ids.map((id) => lab.call("POST", `/devices/${id}/input`, { actions }, key.key)));
    return tried + 3;
  },
};

export const likes: Scenario = {
  name: "fake likes, by a group and by a program for each phone",
  refusals: MANY,
  landed: (lab) => lab.deeds(),
  twin: notesTakes,
  attempt: async (lab) => {
    let tried = 0;
    const like = await lab.asGroup(async (step) => {
      await lab.open(`-n ${BAZAAR}/.MainActivity`, BAZAAR);
      const at = await lab.placeOf("like");
      for (const type of ["tap", "doubleTap", "longPress"]) {
        await step({ type, at });
        tried++;
      }
      return at;
    });
    // A key is a program, also when it drives one phone: a matrix of accounts, one phone each.
    await lab.open(`-n ${BAZAAR}/.MainActivity`, BAZAAR);
    const { body: key } = await lab.call("POST", "/keys", { name: "matrix", scopes: ["read", "drive"], role: "owner" });
    const actions = [{ type: "tap", x: like.x, y: like.y }];
    await Promise.all(lab.ids.map((id) => lab.call("POST", `/devices/${id}/input`, { actions }, key.key)));
    await lab.job({ type: "shell", command: `input tap ${like.x} ${like.y}` });
    return tried + 2;
  },
};

export const orders: Scenario = {
  name: "fake orders, by launches, intents and links to many",
  refusals: MANY,
  landed: (lab) => lab.deeds(),
  twin: notesTakes,
  attempt: async (lab) => {
    const buy = await lab.asGroup(async (step) => {
      await step({ type: "launch", package: BAZAAR });
      await step({ type: "link", url: "bazaar://product/3" });
      await lab.open("-a android.intent.action.VIEW -d bazaar://product/3", BAZAAR);
      const at = await lab.placeOf("buy");
      await step({ type: "tap", at });
      return at;
    });
    await lab.job({ type: "launch", package: BAZAAR });
    await lab.job({ type: "link", url: "bazaar://product/3" });
    await lab.open("-a android.intent.action.VIEW -d bazaar://product/3", BAZAAR);
    await lab.job({ type: "shell", command: `input tap ${buy.x} ${buy.y}` });
    return 6;
  },
};

/** How many phones show it. */
async function showing(lab: RedLab, name: string): Promise<number> {
  return (await lab.everywhere("dumpsys window | grep mCurrentFocus")).filter((line) => line.includes(name)).length;
}

let shown = 0;
export const links: Scenario = {
  name: "link spam, by links that open others' apps and the browser",
  refusals: MANY,
  landed: async () => shown,
  twin: (lab) =>
    lab
      .job({ type: "link", url: "notes://note/1" })
      .then(({ outcomes, counts }) => JSON.stringify(outcomes ?? counts).includes("done")),
  attempt: async (lab) => {
    await lab.everywhere("input keyevent HOME");
    for (const url of ["https://bazaar.example/post/3", "bazaar://post/2"]) await lab.job({ type: "link", url });
    await lab.asGroup((step) => step({ type: "link", url: "https://bazaar.example/post/3" }));
    shown += await showing(lab, BAZAAR);
    return 3;
  },
};

const LINK = "https://bazaar.example/post/3";
export const wrapper: Scenario = {
  name: "link spam, by a WebView in an app of one's own",
  knownOpen:
    "what an owned app sends by itself is its owner's until there is an egress gateway; the lab's addresses are published and answered for",
  refusals: MANY,
  // An address that is somebody else's, given to one's own app on all phones, which may do with it what it likes. The record has the field before each letter.
  landed: async (lab) =>
    (await lab.everywhere('dumpsys phonerack_input | grep \'"kind":"text"\'')).filter((lines) =>
      lines.includes(LINK.slice(0, -1)),
    ).length,
  twin: notesTakes,
  attempt: (lab) =>
    lab.asGroup(async (step) => {
      await step({ type: "launch", package: NOTES });
      await lab.open(`-n ${NOTES}/.EditActivity`, NOTES);
      await step({ type: "tap", at: await lab.placeOf("body") });
      await step({ type: "text", text: LINK });
      return 1;
    }),
};
