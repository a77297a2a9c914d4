// SPDX-License-Identifier: EUPL-1.2
// May this user read this document? Asks rkod over a Unix socket. node ask.mjs SOCKET USER DOCUMENT
import http from "node:http";

const agent = new http.Agent({ keepAlive: true });

// {permitted, hide}. Whatever goes wrong is a no.
export function may(socketPath, question) {
	const no = { permitted: false, hide: [] };
	const body = JSON.stringify(question);
	return new Promise((resolve) => {
		const request = http.request({
			socketPath, agent, method: "POST", path: "/access/v1/evaluation", timeout: 3000,
			headers: { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) },
		}, (response) => {
			let text = "";
			response.setEncoding("utf8");
			response.on("data", (part) => { text += part; });
			response.on("error", () => resolve(no));
			response.on("end", () => {
				try {
					const answer = JSON.parse(text);
					if (response.statusCode !== 200 || answer.decision !== true) return resolve(no);
					const hide = (answer.context?.obligations ?? []).flatMap((duty) => duty.properties?.hide ?? []);
					resolve({ permitted: true, hide });
				} catch {
					resolve(no);
				}
			});
		});
		request.on("timeout", () => request.destroy(new Error("too slow")));
		request.on("error", () => resolve(no));
		request.end(body);
	});
}

const reading = (user, document) => ({
	subject: { type: "user", id: user, properties: { unit: "kukkakoti_u1", work_task: "priv_implementation",
		identification: "professional_card", system: "x_jarjestelma" } },
	action: { name: "read" },
	resource: { type: "document", id: document, properties: { client: "liisa" } },
	context: { register: "ekhva", purpose: "service", channel: "kanta", rko: { tell: "requester" } },
});

const [socketPath, user, document] = process.argv.slice(2);
const { permitted, hide } = await may(socketPath, reading(user, document));
console.log([permitted ? "yes" : "no", ...hide].join(" "));
agent.destroy();
process.exitCode = permitted ? 0 : 1;
