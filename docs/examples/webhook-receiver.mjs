import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

/** Believes what the endpoint's secret has signed, says so, and answers before it does anything else. */
const webhook = new Webhook(process.env.SECRET ?? "");

createServer(async (request, response) => {
  const chunks = await request.toArray();
  try {
    const event = webhook.verify(Buffer.concat(chunks).toString(), request.headers);
    response.writeHead(204).end();
    console.log(request.headers["webhook-id"], event.type);
  } catch {
    response.writeHead(400).end();
  }
}).listen(Number(process.env.PORT), "127.0.0.1");
