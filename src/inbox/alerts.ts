/** An alert that was told, and isn't over. */
export interface RaisedAlert {
  /** What it is about: `webhook`, `lane`, ... */
  readonly kind: string;
  /** Which one; empty if there is only one. */
  readonly subject: string;
  /** When it was raised, in whole milliseconds since 1970. */
  readonly raisedAt: number;
}

/** The alerts of all processes that use the inbox: so each is told once, also after a restart. */
export interface RaisedAlerts {
  /** Those that aren't over, oldest first. */
  list(): Promise<readonly RaisedAlert[]>;

  /** Stores one. @returns false if one of this kind and subject is raised already: then it has been told */
  raise(alert: RaisedAlert): Promise<boolean>;

  /** Ends one. @returns false if it is over already, or was raised anew since: then nothing is to be told */
  end(alert: RaisedAlert): Promise<boolean>;
}
