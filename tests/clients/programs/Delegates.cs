// A day of a program that books trips for others: C#, .NET Framework's HttpWebRequest, DataContractSerializer in and out, whose members come
// in their order or not at all. By the documentation of the original; of this service it knows the address, a key and a person.
//
//   mono Delegates.exe ADDRESS KEY PERSON
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Runtime.Serialization;

[DataContract(Namespace = Delegates.Space)]
public class DelegateSecurity
{
	[DataMember] public bool CanBookSubscriptions { get; set; }
	[DataMember] public bool CanBookTrips { get; set; }
	[DataMember] public bool CanEditProfile { get; set; }
	[DataMember] public bool CanViewProfile { get; set; }
}

public enum DelegateGroupType { Family, Facility }

[DataContract(Namespace = Delegates.Space)]
public class DelegateGroup
{
	[DataMember] public int Id { get; set; }
	[DataMember] public int? TenantId { get; set; }
	[DataMember] public string Name { get; set; }
	[DataMember] public string Address { get; set; }
	[DataMember] public string Phone { get; set; }
	[DataMember] public List<int> ServiceTypeIds { get; set; }
	[DataMember] public DelegateSecurity SecuritySettings { get; set; }
	[DataMember] public int? NumClients { get; set; }
}

[DataContract(Namespace = Delegates.Space)]
public class DelegateGroupClient
{
	[DataMember] public int ClientId { get; set; }
	[DataMember] public DateTime? StartDate { get; set; }
	[DataMember] public DateTime? ExpiryDate { get; set; }
}

[DataContract(Namespace = Delegates.Space)]
public class DelegateClientInfo
{
	[DataMember] public int ClientId { get; set; }
	[DataMember] public string ClientCode { get; set; }
	[DataMember] public string FirstName { get; set; }
	[DataMember] public string LastName { get; set; }
	[DataMember] public DateTime? BirthDate { get; set; }
	[DataMember] public DateTime? StartDate { get; set; }
	[DataMember] public DateTime? ExpiryDate { get; set; }
	[DataMember] public bool DynamicallyAdded { get; set; }
	[DataMember] public string PhoneNumber { get; set; }
	[DataMember] public Dictionary<string, object> UserDefinedFields { get; set; }
}

public static class Delegates
{
	public const string Space = "http://schemas.datacontract.org/2004/07/TS.DR.Resources.Delegates";
	static string address, key;

	static HttpWebResponse Send(string method, string path, object body)
	{
		var request = (HttpWebRequest)WebRequest.Create(address + path);
		request.Method = method;
		request.Accept = "application/xml";
		request.Headers["x-api-key"] = key;
		if (body != null)
		{
			request.ContentType = "application/xml";
			using (var stream = request.GetRequestStream())
				new DataContractSerializer(body.GetType()).WriteObject(stream, body);
		}
		return (HttpWebResponse)request.GetResponse();
	}

	static T Call<T>(string method, string path, object body = null)
	{
		using (var response = Send(method, path, body))
		using (var stream = response.GetResponseStream())
			return (T)new DataContractSerializer(typeof(T)).ReadObject(stream);
	}

	static HttpStatusCode Status(string method, string path)
	{
		try
		{
			using (var response = Send(method, path, null))
				return response.StatusCode;
		}
		catch (WebException refused) when (refused.Response != null)
		{
			return ((HttpWebResponse)refused.Response).StatusCode;
		}
	}

	static void Check(bool right, string what)
	{
		if (!right)
			throw new Exception(what);
	}

	public static int Main(string[] arguments)
	{
		address = arguments[0];
		key = arguments[1];
		var person = int.Parse(arguments[2]);

		var made = Call<DelegateGroup>("POST", "/api/DelegateGroups", new DelegateGroup { Name = "Family Byron", ServiceTypeIds = new List<int> { 1, 2 },
			SecuritySettings = new DelegateSecurity { CanViewProfile = true } });
		Check(made.Id > 0 && made.Name == "Family Byron" && made.ServiceTypeIds.SequenceEqual(new[] { 1, 2 }) && made.SecuritySettings.CanViewProfile, "group");
		var path = "/api/delegategroups/" + made.Id;
		var clients = path + "/clients";

		var added = Call<DelegateClientInfo>("POST", clients, new DelegateGroupClient { ClientId = person });
		Check(added.ClientId == person && added.FirstName != null && added.ExpiryDate == null && !added.DynamicallyAdded, "added");
		Check(added.StartDate.HasValue && Math.Abs((added.StartDate.Value.ToUniversalTime() - DateTime.UtcNow).TotalMinutes) < 5, "start");
		Check(added.BirthDate.HasValue && added.BirthDate.Value.TimeOfDay == TimeSpan.Zero || added.BirthDate.Value.Kind == DateTimeKind.Local, "day of birth");

		// A client of the day before yesterday is there no more; renewed, it is there again.
		var renewed = Call<DelegateClientInfo>("POST", clients, new DelegateGroupClient { ClientId = person, StartDate = DateTime.Now.AddYears(-1), ExpiryDate = DateTime.Now.AddDays(-2) });
		Check(renewed.ExpiryDate < DateTime.Now, "expired");
		Check(Call<List<DelegateClientInfo>>("GET", clients).Count == 0, "expired clients are not listed");
		Check(Call<List<DelegateClientInfo>>("GET", clients + "?includeExpired=true&searchTerm=" + Uri.EscapeDataString(added.LastName)).Count == 1, "but by wish");
		Check(Call<DelegateGroup>("GET", path + "?includeClientCount=true").NumClients == 0, "nor counted");
		Call<DelegateClientInfo>("POST", clients, new DelegateGroupClient { ClientId = person, ExpiryDate = DateTime.Now.AddYears(1) });
		Check(Call<List<DelegateClientInfo>>("GET", clients + "?offset=0&count=25").Single().ClientId == person, "renewed");
		Check(Call<int>("GET", clients + "/count") == 1, "counted");

		Check(Status("DELETE", clients + "/" + person) == HttpStatusCode.NoContent, "removed");
		Check(Status("DELETE", clients + "/" + person) == HttpStatusCode.NotFound, "once");
		Check(Status("DELETE", path) == HttpStatusCode.NoContent, "group removed");
		Check(Call<DelegateGroup>("GET", path) == null, "no group is null, not an error");
		Check(Call<DelegateGroup>("GET", path + "?includeDeleted=true").Id == made.Id, "it is only marked");
		Console.WriteLine("done");
		return 0;
	}
}
