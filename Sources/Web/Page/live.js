// What one population's stream tells, and whether it still tells it.

import {address, ask} from "./api.js";

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15000;
/** How often it is asked whether the stream has fallen silent or the populations have changed. */
const CHECK = 10000;
/** Nobody looks at a page that is hidden for so long. */
const HIDDEN_FOR = 5000;

/**
 * Events: `board` (a newer board), `events` (what happened, in `detail`), `connection` (its state
 * or the coordinator's changed), `advance` (the journal is longer), `reload` (too much was missed
 * to be told).
 */
export class Live extends EventTarget {
  board = null;
  coordinator = null;
  populations = [];
  /** connecting, open or lost. */
  connection = "connecting";
  problem = null;
  /** The population's last event that the stream told of; a board's is the whole journal's. */
  committed = 0;
  #source = null;
  #wait = FIRST_WAIT;
  #timer = 0;
  #check = 0;
  #hiding = 0;
  #loading = 0;
  #isPaused = false;
  #pages = new AbortController();
  #closed = false;
  #lookedAt = 0;
  #heardAt = 0;
  #seen = 0;

  constructor(population) {
    super();
    this.population = population;
    this.#check = setInterval(() => this.look(), CHECK);
    this.#followPage();
  }

  /**
   * A browser opens six connections to a server, for all its tabs and the pages behind its way
   * back. A stream of one that nobody sees would keep another page from loading.
   */
  #followPage() {
    const {signal} = this.#pages;
    const seen = () => {
      clearTimeout(this.#hiding);
      if (document.hidden)
        this.#hiding = setTimeout(() => this.#pause(), HIDDEN_FOR);
      else
        this.#resume();
    };
    seen();
    document.addEventListener("visibilitychange", seen, {signal});
    window.addEventListener("pagehide", () => this.#pause(), {signal});
    window.addEventListener("pageshow", () => this.#resume(), {signal});
  }

  #pause() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#isPaused = true;
    this.connection = "connecting";
  }

  #resume() {
    if (!this.#isPaused || document.hidden) return;
    this.#isPaused = false;
    this.open();
    this.look();
  }

  /** Connects, or connects anew. */
  open() {
    clearTimeout(this.#timer);
    this.#source?.close();
    if (!this.population || this.#closed) return;
    const source = new EventSource(
      address("stream", {population: this.population, last: this.committed || undefined}));
    this.#source = source;
    source.addEventListener("open", () => this.#opened());
    source.addEventListener("error", () => this.#failed(source));
    source.addEventListener("board", (event) => this.#took(event, (board) => this.#showed(board)));
    source.addEventListener("events", (event) => this.#took(event, (told) => this.#told(told)));
    source.addEventListener("state", (event) => this.#took(event, (state) => this.#state(state)));
  }

  close() {
    this.#closed = true;
    this.#pages.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#hiding);
    clearTimeout(this.#loading);
    clearInterval(this.#check);
    this.#source?.close();
  }

  /**
   * Asks for the populations, and connects again when the stream says nothing while the journal
   * grows.
   */
  async look() {
    if (document.hidden || this.#closed) return;
    const since = this.#lookedAt;
    this.#lookedAt = performance.now();
    try {
      const {coordinator, populations} = await ask("state");
      if (this.#closed) return;
      this.coordinator = coordinator;
      this.populations = populations;
      this.problem = null;
      const shown = populations.find((each) => each.name === this.population);
      const committed = shown?.committed ?? 0;
      const isDeaf = this.connection === "open" && !shown?.loading && committed > this.#seen &&
        this.#heardAt < since;
      if (isDeaf && this.#seen > 0) this.open();
      this.#seen = committed;
      clearTimeout(this.#loading);
      if (shown?.loading) this.#loading = setTimeout(() => this.look(), FIRST_WAIT);
    } catch (error) {
      if (error.status === undefined) throw error;
      this.problem = error.message;
    }
    this.#say("connection");
  }

  #opened() {
    this.connection = "open";
    this.problem = null;
    this.#wait = FIRST_WAIT;
    this.#say("connection");
  }

  // A browser connects again by itself after a broken stream, but not after an answer that is an
  // error.
  #failed(source) {
    if (source !== this.#source || this.#closed) return;
    this.connection = "lost";
    if (source.readyState === EventSource.CLOSED) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.open(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    }
    this.#say("connection");
  }

  #took(event, use) {
    this.#heardAt = performance.now();
    let value;
    try {
      value = JSON.parse(event.data);
    } catch {
      this.problem =
        "The server said something that is no JSON. Another version of it may be running.";
      this.#say("connection");
      return;
    }
    use(value);
  }

  #showed(board) {
    // What is older than what is shown already is never shown.
    if (this.board && board.epoch === this.board.epoch && board.committed < this.board.committed)
      return;
    this.board = board;
    this.#say("board");
  }

  #told(told) {
    if (told.reload) {
      this.#say("reload");
      return;
    }
    this.dispatchEvent(new CustomEvent("events", {detail: told}));
    this.#advance(told.events.at(-1)?.sequence ?? 0);
  }

  #state(state) {
    this.coordinator = {...this.coordinator, problem: undefined, ...state};
    this.#say("connection");
  }

  #advance(committed) {
    if (committed <= this.committed) return;
    this.committed = committed;
    this.#say("advance");
  }

  #say(what) { this.dispatchEvent(new Event(what)); }
}
