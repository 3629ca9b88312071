// A dispatcher's service: Java's HttpClient, HTTP/2 asked for and 1.1 taken, by the documentation of the originals. One source, no library.
//
//   java Everyday.java ADDRESS KEY PERSON
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

public class Everyday {
	private static final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).connectTimeout(Duration.ofSeconds(10)).build();
	private static String address, key;

	private static HttpRequest request(String method, String path, String body) {
		HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(address + path)).header("x-api-key", key).timeout(Duration.ofSeconds(60));
		if (body != null)
			builder.header("Content-Type", "application/json");
		return builder.method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build();
	}

	private static HttpResponse<String> call(String method, String path, String body) throws Exception {
		return client.send(request(method, path, body), BodyHandlers.ofString());
	}

	private static String wanted(int status, HttpResponse<String> answer) {
		if (answer.statusCode() != status)
			throw new AssertionError(answer.request().method() + " " + answer.uri() + ": " + answer.statusCode() + " " + answer.body());
		return answer.body();
	}

	private static String member(String json, String name) {
		Matcher found = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
		if (!found.find())
			throw new AssertionError(name + " is not in " + json);
		return found.group(1);
	}

	private static void check(boolean right, String what) {
		if (!right)
			throw new AssertionError(what);
	}

	private static void delegates(String person) throws Exception {
		String group = member(wanted(200, call("POST", "/api/delegategroups", "{\"name\":\"Dispatch\",\"groupType\":1}")), "id");
		String clients = "/api/delegategroups/" + group + "/clients";
		// Java writes nine digits of a fraction where the clock has them.
		String start = OffsetDateTime.now().minusDays(1).withNano(123456789).toString();
		String added = wanted(200, call("POST", clients, "{\"clientId\":" + person + ",\"startDate\":\"" + start + "\",\"expiryDate\":null}"));
		check(member(added, "clientId").equals(person), "added");
		OffsetDateTime.parse(member(added, "startDate"));
		check(wanted(200, call("GET", clients + "/count", null)).equals("1"), "count");
		wanted(204, call("DELETE", clients + "/" + person, null));
		wanted(404, call("DELETE", clients + "/" + person, null));
		wanted(204, call("DELETE", "/api/delegategroups/" + group, null));
		check(wanted(200, call("GET", "/api/delegategroups/" + group, null)).equals("null"), "no group is null");
	}

	private static void licensing() throws Exception {
		// Many at once over few connections.
		CompletableFuture<?>[] calls = IntStream.range(0, 40).mapToObj(number -> client.sendAsync(
			request("POST", "/v1/customers", "{\"customer\":{\"company\":\"Company " + number + "\",\"code\":\"\"}}"), BodyHandlers.ofString())
			.thenAccept(answer -> check(Boolean.parseBoolean(member(wanted(200, answer), "success")), "customer"))).toArray(CompletableFuture[]::new);
		CompletableFuture.allOf(calls).join();
		String list = wanted(200, call("GET", "/v1/customers?take=1&filter=Company.StartsWith(%22Company%20%22)", null));
		check(Integer.parseInt(member(list, "totalCustomersCount")) >= 40, list);
		check(wanted(404, call("GET", "/v1/no-such-list", null)).contains("message"), "refused");
		check(wanted(400, call("POST", "/v1/customers", "{\"customer\":")).contains("message"), "broken body");
	}

	public static void main(String[] arguments) throws Exception {
		address = arguments[0];
		key = arguments[1];
		delegates(arguments[2]);
		licensing();
		System.out.println("done");
	}
}
