import type { FaultName, Plan } from "./plan.ts";

/** Whether things go wrong now. */
export interface Weather {
  isBad: boolean;
  /** Whether handlers may write back, as often as the plan says. */
  mayWrite: boolean;
  /** How often it happens now, from 0 to 1. */
  rate(fault: FaultName): number;
}

export function createWeather(plan: Plan): Weather {
  const weather: Weather = { isBad: true, mayWrite: true, rate: (fault) => weather.isBad ? plan.rate(fault) : 0 };
  return weather;
}
