/** The ports of callback URLs. https://developers.smartsheet.com/api/smartsheet/guides/webhooks/creating-a-webhook */
export const CALLBACK_PORTS: readonly number[] = [443, 8000, 8008, 8080, 8443];
