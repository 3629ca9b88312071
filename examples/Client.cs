// Takes a seat of a license, asks whether it is valid, keeps the seat and frees it: Client URL USER-KEY MACHINE
// With Mono: mcs -r:System.Net.Http -r:System.Xml.Linq Client.cs && mono Client.exe …
using System;
using System.Collections.Generic;
using System.Net.Http;
using System.Xml.Linq;

static class Client
{
	static readonly XNamespace Names = "http://schemas.datacontract.org/2004/07/Licensing";

	// The answer, as XML; a refusal throws its reason.
	static XElement Call(HttpClient server, string action, IDictionary<string, string> machine)
	{
		var response = server.PostAsync(action, new FormUrlEncodedContent(machine)).GetAwaiter().GetResult();
		if (response.Content.Headers.ContentType?.MediaType != "application/xml")
			throw new HttpRequestException($"HTTP {(int)response.StatusCode}");
		var answer = XElement.Parse(response.Content.ReadAsStringAsync().GetAwaiter().GetResult());
		if (!response.IsSuccessStatusCode)
			throw new HttpRequestException(answer.Element(Names + "Reason").Value);
		return answer;
	}

	static int Main(string[] args)
	{
		var machine = new Dictionary<string, string> {
			["userKey"] = args[1], ["machineId"] = args[2], ["clientId"] = "example" };
		var server = new HttpClient {
			BaseAddress = new Uri(args[0] + "/v1/license/"), Timeout = TimeSpan.FromSeconds(10) };
		server.DefaultRequestHeaders.Add("Accept", "application/xml");
		server.DefaultRequestHeaders.ConnectionClose = true; // nothing is under way when the program ends
		var action = "activate";
		try {
			var seat = Call(server, action, machine);
			Console.WriteLine($"{seat.Element(Names + "License").Element(Names + "LicenseId").Value}: " +
				$"{seat.Element(Names + "ActiveClientCount").Value} of " +
				$"{seat.Element(Names + "MaxClientCount").Value} seats are taken");
			foreach (var step in new[] { "validate", "heartbeat", "deactivate" }) {
				Call(server, action = step, machine);
				Console.WriteLine($"{step}: done");
			}
			return 0;
		} catch (Exception fault) when (fault is HttpRequestException || fault is OperationCanceledException) {
			Console.Error.WriteLine($"{action}: {fault.InnerException?.Message ?? fault.Message}");
			return 1;
		}
	}
}
