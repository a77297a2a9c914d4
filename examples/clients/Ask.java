// SPDX-License-Identifier: EUPL-1.2
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.regex.Pattern;

/** May this user read this document? Asks rkod over the loopback address: java Ask.java URL USER DOCUMENT */
public final class Ask {
	private static final HttpClient CLIENT = HttpClient.newBuilder()
			.version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(1)).build();
	/* A bare answer is these bytes and nothing else, so no JSON library is needed to read it. */
	private static final Pattern YES = Pattern.compile("\\A\\{\"decision\":true\\}\\z");

	/** Whatever goes wrong is a no. */
	static boolean may(String url, String question) {
		try {
			HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/access/v1/evaluation"))
					.timeout(Duration.ofSeconds(3)).header("Content-Type", "application/json")
					.POST(HttpRequest.BodyPublishers.ofString(question)).build();
			HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
			return response.statusCode() == 200 && YES.matcher(response.body()).matches();
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
			return false;
		} catch (Exception e) {
			return false;
		}
	}

	/* Ids have no quotes in them; in real use a JSON library writes this. */
	static String reading(String user, String document) {
		return """
				{"subject": {"type": "user", "id": "%s", "properties": {"unit": "kukkakoti_u1",
				   "work_task": "priv_implementation", "identification": "professional_card", "system": "x_jarjestelma"}},
				 "action": {"name": "read"},
				 "resource": {"type": "document", "id": "%s", "properties": {"client": "liisa"}},
				 "context": {"register": "ekhva", "purpose": "service", "channel": "kanta"}}""".formatted(user, document);
	}

	public static void main(String[] args) {
		boolean permitted = may(args[0], reading(args[1], args[2]));
		System.out.println(permitted ? "yes" : "no");
		System.exit(permitted ? 0 : 1);
	}
}
