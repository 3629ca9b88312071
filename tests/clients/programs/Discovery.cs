// A day of tills that find each other: C#, .NET Framework's WebClient, DataContractJsonSerializer, which knows members by name alone and
// dates in its own form. By the documentation of the original; of this service it knows the address and the group.
//
//   mono Discovery.exe ADDRESS GROUP
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;

[DataContract]
public class DTOHello
{
	[DataMember] public string ClientCode { get; set; }
	[DataMember] public Guid ClientGroupId { get; set; }
	[DataMember] public string AppName { get; set; }
	[DataMember] public string AppVersion { get; set; }
	[DataMember] public string ClientIpAddress { get; set; }
	[DataMember] public int? ClientPort { get; set; }
}

[DataContract]
public class DTOClientGroup
{
	[DataMember] public Guid Id { get; set; }
	[DataMember] public string GroupName { get; set; }
}

[DataContract]
public class DTOClient
{
	[DataMember] public Guid Id { get; set; }
	[DataMember] public string ClientCode { get; set; }
	[DataMember] public string Token { get; set; }
	[DataMember] public DateTime AddClientTime { get; set; }
	[DataMember] public DateTime UpdClientTime { get; set; }
	[DataMember] public string AppName { get; set; }
	[DataMember] public string AppVersion { get; set; }
	[DataMember] public Guid ClientGroupsId { get; set; }
	[DataMember] public DTOClientGroup DTOClientGroup { get; set; }
	[DataMember] public string ClientIpAddress { get; set; }
	[DataMember] public int? ClientPort { get; set; }
}

[DataContract]
public class DTOClientAssociation
{
	[DataMember] public Guid Id { get; set; }
	[DataMember] public Guid ClientId { get; set; }
	[DataMember] public Guid ClientIdAssociated { get; set; }
}

[DataContract]
public class DTOResponseHello
{
	[DataMember] public List<DTOClient> DTOClients { get; set; }
	[DataMember] public List<DTOClientGroup> DTOClientGroups { get; set; }
	[DataMember] public List<DTOClientAssociation> DTOClientAssociations { get; set; }
}

public static class Discovery
{
	static string address;
	static Guid group;

	// Dates without an offset, as Web API wrote them; the serializer's own form is "/Date(…)/".
	static readonly DataContractJsonSerializerSettings settings =
		new DataContractJsonSerializerSettings { DateTimeFormat = new DateTimeFormat("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK") };

	static DTOResponseHello Post<T>(string path, T body, DataContractJsonSerializerSettings written)
	{
		using (var client = new WebClient())
		using (var sent = new MemoryStream())
		{
			new DataContractJsonSerializer(typeof(T), written).WriteObject(sent, body);
			client.Headers[HttpRequestHeader.ContentType] = "application/json";
			var bytes = client.UploadData(address + path, sent.ToArray());
			if (!client.ResponseHeaders[HttpResponseHeader.ContentType].StartsWith("application/json"))
				throw new Exception(client.ResponseHeaders[HttpResponseHeader.ContentType]);
			using (var stream = new MemoryStream(bytes))
				return (DTOResponseHello)new DataContractJsonSerializer(typeof(DTOResponseHello), settings).ReadObject(stream);
		}
	}

	static DTOResponseHello Hello(string code, int? port)
	{
		return Post("/api/ClientHello", new DTOHello { ClientCode = code, ClientGroupId = group, AppName = "Till", AppVersion = "2.1", ClientPort = port }, settings);
	}

	static void Check(bool right, string what)
	{
		if (!right)
			throw new Exception(what);
	}

	public static int Main(string[] arguments)
	{
		address = arguments[0];
		group = Guid.Parse(arguments[1]);

		var alone = Hello("till-1", null);
		Check(alone.DTOClients.Count == 1 && alone.DTOClientGroups.Single().Id == group && alone.DTOClientAssociations.Count == 0, "first");
		var own = alone.DTOClients.Single();
		Check(own.ClientCode == "till-1" && own.ClientGroupsId == group && own.DTOClientGroup.Id == group && own.Token != "", "own row");
		Check(Math.Abs((own.AddClientTime - DateTime.Now).TotalHours) < 30 && own.AddClientTime.Kind == DateTimeKind.Unspecified, "local time");

		var both = Hello("till-2", 8080);
		Check(both.DTOClients.Count == 2 && both.DTOClients.Single(one => one.ClientCode == "till-2").ClientPort == 8080, "second");
		var again = Hello("till-1", 9090).DTOClients.Single(one => one.ClientCode == "till-1");
		Check(again.Id == own.Id && again.Token == own.Token && again.AddClientTime == own.AddClientTime && again.ClientPort == 9090, "again");

		// The whole set goes back, one changed and one new; what is left out is gone. Dates as the serializer writes them by itself.
		var set = Hello("till-1", 9090).DTOClients;
		set.Single(one => one.ClientCode == "till-2").AppVersion = "2.2";
		set.Add(new DTOClient { ClientCode = "till-3", ClientGroupsId = group, AppName = "Till" });
		foreach (var written in new[] { settings, new DataContractJsonSerializerSettings() })
		{
			var synchronised = Post("/api/ClientAddOrUpdateOrRemoveClients", set, written);
			Check(synchronised.DTOClients.Count == 3, "synchronised");
			Check(synchronised.DTOClients.Single(one => one.ClientCode == "till-2").AppVersion == "2.2", "changed");
			Check(synchronised.DTOClients.Single(one => one.ClientCode == "till-1").Id == own.Id, "kept");
		}
		set.RemoveAll(one => one.ClientCode != "till-1");
		Check(Post("/api/ClientAddOrUpdateOrRemoveClients", set, settings).DTOClients.Single().Id == own.Id, "removed");

		try
		{
			group = Guid.NewGuid();
			Hello("till-1", 1);
		}
		catch (WebException refused)
		{
			Check(((HttpWebResponse)refused.Response).StatusCode == HttpStatusCode.NotFound, refused.Message);
			Console.WriteLine("done");
			return 0;
		}
		throw new Exception("an unknown group was taken");
	}
}
