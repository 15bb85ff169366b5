// <goodword-share token="…">: what somebody who is signed in at a company's own page shares: link, code, texts, and apps that open with
// them. docs/howto/embed.md says how. It stands in a shadow root with a constructed style sheet, so that it runs under a policy that
// allows no inline style; it sets no cookie, keeps nothing on the device, and changes nothing of the page around it.
(() => {
  const source = document.currentScript?.src;
  if (!source || customElements.get("goodword-share")) return;
  const said = "WORDS";
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { display: block; box-sizing: border-box; max-inline-size: 34rem; padding: 1rem; line-height: 1.45; text-align: start;
      font-family: var(--goodword-font, inherit); font-size: var(--goodword-size, 1rem);
      color: var(--goodword-text, light-dark(#16191a, #eef0ec)); background: var(--goodword-surface, light-dark(#fff, #151817));
      border: 1px solid var(--goodword-line, light-dark(#cfd0c7, #3a413d)); border-radius: var(--goodword-radius, .5rem); }
    :host([hidden]) { display: none; }
    * { box-sizing: border-box; font: inherit; color: inherit; }
    label, .label { display: block; margin: 0 0 .25rem; font-size: .875em; color: var(--goodword-quiet, light-dark(#5b615d, #a3aaa4)); }
    p { margin: .75rem 0 0; overflow-wrap: anywhere; }
    .row, .apps { display: flex; flex-wrap: wrap; gap: .5rem; }
    .apps { margin: .75rem 0 0; padding: 0; list-style: none; }
    input, select, textarea { flex: 1 1 12rem; inline-size: 100%; min-inline-size: 0; block-size: 2.75rem; padding: 0 .75rem; background: transparent;
      border: 1px solid var(--goodword-control, light-dark(#868b84, #78817b)); border-radius: calc(var(--goodword-radius, .5rem) * .75); }
    select { background: var(--goodword-surface, light-dark(#fff, #151817)); margin: 0; }
    textarea { display: block; block-size: auto; padding: .5rem .75rem; resize: vertical; }
    button, a { display: inline-flex; align-items: center; min-block-size: 2.75rem; padding: 0 1rem; cursor: pointer; text-decoration: none;
      background: transparent; border: 1px solid var(--goodword-control, light-dark(#868b84, #78817b));
      border-radius: calc(var(--goodword-radius, .5rem) * .75); }
    .first { font-weight: 600; color: var(--goodword-on-accent, light-dark(#fff, #08210f));
      background: var(--goodword-accent, light-dark(#145c3f, #7fd6aa)); border-color: transparent; }
    :focus-visible { outline: 2px solid var(--goodword-focus, light-dark(#0b6bcb, #7fb8ff)); outline-offset: 2px; }
    .code { font-family: ui-monospace, monospace; letter-spacing: .04em; }
    .said { min-block-size: 1.45em; font-size: .875em; color: var(--goodword-quiet, light-dark(#5b615d, #a3aaa4)); }
    .gone { margin: 0; }
  `);

  const made = (name, props = {}, ...inside) => {
    const one = document.createElement(name);
    // Own properties alone: scripts of the page may have added to every object.
    for (const [key, its] of Object.entries(props)) key in one ? (one[key] = its) : one.setAttribute(key, its);
    one.append(...inside.filter(Boolean));
    return one;
  };
  // Whatever a token or an answer says: only these are led to.
  const leads = (url) => typeof url === "string" && /^(https?:\/\/|mailto:|sms:)/i.test(url);
  // What an address has where the text stands, and what nobody sees in one: it is left out, as where they share at the portal.
  const MARK = /goodword-said(%20|%0D%0A|%0A)?/;
  const UNSEEN = /[^\P{Cc}\n]|[\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu;
  const led = ({ url, own }, text) =>
    own ? own.replace(MARK, (_, gap = "") => text && encodeURIComponent(/^mailto/.test(own) ? text.replace(/\n/g, "\r\n") : text) + gap) : url;
  const claims = (token) => {
    try {
      const bytes = atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"));
      return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (one) => one.charCodeAt())));
    } catch {
      return null;
    }
  };

  class Share extends HTMLElement {
    static observedAttributes = ["token", "lang"];
    #root = this.attachShadow({ mode: "open" });
    #kit = null;
    #text = null;
    #own = null;
    #turn = 0;
    #due = false;
    #status;

    connectedCallback() {
      this.#root.adoptedStyleSheets = [sheet];
      this.#soon();
    }

    attributeChangedCallback() {
      this.#soon();
    }

    // Asked again, as after a token of before has ended.
    reload() {
      this.#soon();
    }

    #soon() {
      if (this.#due) return;
      this.#due = true;
      queueMicrotask(() => {
        this.#due = false;
        if (this.isConnected) this.#load();
      });
    }

    get #language() {
      return this.closest("[lang]")?.lang || "en";
    }

    get #words() {
      const language = this.#language.toLowerCase().split(/[-_]/)[0];
      return Object.hasOwn(said, language) ? said[language] : said.en;
    }

    // The text that goes out: theirs, without what nobody sees, or the one that they were given.
    get #said() {
      return (this.#own ?? this.#kit.text).replace(UNSEEN, "").trim();
    }

    async #load() {
      const turn = ++this.#turn;
      const its = claims(this.getAttribute("token") || "");
      const link = leads(its?.link) ? its.link : null;
      if (!its) return this.#show(null);
      // The link is there at once, and stays there while nobody answers.
      const of = [its.aud, its.program, its.sub].join(" ");
      if (this.#kit?.of !== of) {
        this.#kit = link && { ...this.#away(link), of };
        this.#own = null;
      }
      this.#show(this.#kit, !this.#kit);
      const answer = await this.#ask(its, { text: this.#text }).catch(() => null);
      if (turn !== this.#turn) return;
      const kit = answer?.ok && (await answer.json().catch(() => null));
      if (turn !== this.#turn) return;
      if (kit && leads(kit.link)) this.#kit = { ...kit, of };
      else if (answer?.status === 403) this.#tell("goodword-token", {});
      this.#show(this.#kit);
    }

    #ask(its, more) {
      const body = JSON.stringify({ token: this.getAttribute("token"), language: this.#language, ...more });
      const to = new URL(`${encodeURIComponent(String(its.aud).split(":")[0])}/element`, source);
      return fetch(to, { method: "POST", headers: { "content-type": "text/plain" }, body, credentials: "omit", keepalive: true });
    }

    #away(link) {
      const words = this.#words;
      const text = `goodword-said ${words.disclosure}\r\n${link}`;
      const own = `mailto:?subject=${encodeURIComponent(words.subject)}&body=${encodeURIComponent(text)}`;
      return { link, text: words.away, added: words.disclosure, messages: [{ channel: "email", title: words.mail, url: own, own }] };
    }

    #tell(name, detail) {
      this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
    }

    #shared(channel) {
      const its = claims(this.getAttribute("token") || "");
      if (its) this.#ask(its, { channel, text: this.#kit.variant, edited: this.#said !== this.#kit.text }).catch(() => {});
      this.#tell("goodword-shared", { channel });
    }

    #show(kit, waits = false) {
      const words = this.#words;
      const { id: at, selectionStart: caret } = this.#root.activeElement || {};
      this.#status = made("p", { className: "said", role: "status" });
      if (!kit) {
        this.#root.replaceChildren(made("p", { className: "gone", role: "status" }, waits ? "…" : words.wrong));
        return;
      }
      const link = made("input", { id: "link", type: "text", readOnly: true, value: kit.link });
      link.addEventListener("focus", () => link.select());
      const copy = made("button", { id: "copy", type: "button", className: "first" }, words.copy);
      copy.addEventListener("click", () => this.#copy(link));
      const parts = [
        made("label", { htmlFor: "link" }, words.link),
        made("div", { className: "row" }, link, copy),
        kit.code && made("p", {}, `${words.code} `, made("span", { className: "code" }, kit.code)),
      ];
      if (kit.variants?.length > 1) {
        const choice = made("select", { id: "text" }, ...kit.variants.map((one) => made("option", { value: one }, one)));
        choice.value = kit.variant;
        choice.addEventListener("change", () => {
          this.#text = choice.value;
          this.#own = null;
          this.#soon();
        });
        parts.push(made("p", {}, made("label", { htmlFor: "text" }, words.text), choice));
      }
      const own = made("textarea", { id: "said", rows: 3, maxLength: 500, value: this.#own ?? kit.text });
      const [apps, lead] = this.#apps(kit);
      own.addEventListener("input", () => {
        this.#own = own.value;
        lead();
      });
      parts.push(made("p", {}, made("label", { htmlFor: "said" }, words.said), own));
      if (kit.added) parts.push(made("p", {}, made("span", { className: "label" }, words.added), kit.added));
      this.#root.replaceChildren(...[...parts, apps, this.#status].filter(Boolean));
      const one = at && this.#root.getElementById(at);
      one?.focus();
      if (one === own) own.setSelectionRange(caret, caret);
    }

    #apps(kit) {
      const list = made("ul", { className: "apps" });
      const words = this.#words;
      if (navigator.share) {
        const sheetButton = made("button", { id: "sheet", type: "button" }, words.share);
        sheetButton.addEventListener("click", async () => {
          const text = `${this.#said} ${kit.added || ""}`.trim();
          if (await navigator.share({ text, url: kit.link }).then(() => true, () => false)) this.#shared("sheet");
        });
        list.append(made("li", {}, sheetButton));
      }
      const apps = kit.messages.filter((one) => leads(one.own || one.url)).map((it) => {
        const app = made("a", { id: it.channel, rel: "noopener noreferrer" }, it.title);
        if (/^http/i.test(it.url)) app.target = "_blank";
        app.addEventListener("click", () => this.#shared(it.channel));
        list.append(made("li", {}, app));
        return [app, it];
      });
      const lead = () => apps.forEach(([app, it]) => (app.href = led(it, this.#said)));
      lead();
      return [list, lead];
    }

    async #copy(link) {
      const done = await navigator.clipboard?.writeText(link.value).then(() => true, () => false);
      link.select();
      this.#status.textContent = done || document.execCommand("copy") ? this.#words.copied : this.#words.link;
    }
  }
  customElements.define("goodword-share", Share);
})();
